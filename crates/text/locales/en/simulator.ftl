# The simulated phones of the demo.

fault-none = No trouble
fault-slow = Slow: eight seconds
fault-lost = Lost: sent, never arrives
fault-undeliverable = Number not on WhatsApp
fault-provider-down = Provider down
fault-duplicate = Every message twice
fault-out-of-order = Out of order
simulator-demo = Demo: codes arrive on a simulated phone.
simulator-open-demo = Open the simulated phone
new-tab = (opens in a new tab)
simulator-title = Simulated phones
simulator-about = The demo sends its WhatsApp messages here instead of to real phones. Pick a phone, or type its number.
simulator-open = Open the phone
simulator-no-messages = No messages yet.
simulator-number = Phone number
simulator-number-problem = Enter a number with its country code, such as +44 7700 900111.
simulator-unlock = Unlock the phone
simulator-lock = Lock the phone
# $phone is a phone number.
simulator-phone-title = Phone { $phone }
simulator-refresh = Refresh
simulator-all = All phones
simulator-copied = Code copied.
whatsapp = WhatsApp
simulator-locked = Locked
simulator-notifications = Notifications
simulator-business = Business account
simulator-messages = Messages
simulator-copy = Copy code
simulator-read = Read
simulator-delivered = Delivered
simulator-sent = Sent
simulator-fault-one = Trouble for this phone
simulator-fault-all = Trouble for all phones
simulator-fault-set = Set
