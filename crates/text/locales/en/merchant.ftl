# The pages of the merchant.

## Tabs and overview

merchant-overview = Overview
merchant-orders = Orders
merchant-products = Products
merchant-messages = Messages
merchant-messaging = Messaging
merchant-accounts = Accounts
# $title is the heading of a page of the merchant.
merchant-title = { $title } – merchant
merchant-navigation = Merchant
overview-to-ship = To be shipped
overview-low-stock = Nearly sold out
overview-undelivered = Messages not delivered
overview-latest = Latest orders
overview-all-orders = All orders

## Accounts

account-find = Find
account-none = No account has this address.
# $since is a date with a time.
account-codes-off = Codes are off since { $since }: too many wrong ones in a row.
account-codes-on = Codes are on.
account-recover-hint = Make sure that it is the owner who asks, by something only the owner knows or has.
account-recover = Switch codes on again
phone-changes-title = Owners who wait for a new phone
phone-change-title = Lost phone
phone-change-about = For an owner without the phone and without recovery codes. First make sure that it is the owner who asks. After 24 hours the owner signs in with the password and sets the new phone; you never see or choose the number.
phone-change-told-by-email = We tell the owner now, at the old phone and by e-mail, so that the owner can stop it.
phone-change-told-by-phone = We tell the owner now, at the old phone only: the e-mail address is not confirmed.
phone-change-not-possible = No change of phone can be started for this account: the owner stopped one within a week, or it is an account of the shop.
phone-change-start = Start the wait for a new phone
phone-change-cancel = Cancel the change of phone
phone-change-waits = Waiting: the owner can stop it by signing in with the old phone.
phone-change-ready = The wait is over: the owner can set a new phone.
phone-change-started = Started
phone-change-opens = The owner can set a new phone from
phone-change-ends = Until

## Messages

messages-none = No messages yet.
messages-time = Time
messages-for = For
messages-to = To
messages-by = By
messages-state = State
message-kind-login = login
message-kind-reset = reset
message-kind-phone = phone
message-kind-step-up = step up
message-kind-order-lookup = order look-up
message-kind-payment = payment
message-kind-account-deleted = account deleted
message-kind-account-exists = account exists
message-kind-phone-changed = phone changed
message-kind-password-changed = password changed
message-kind-sign-in-refused = sign in refused
message-kind-code-reused = code reused
message-kind-codes-soon-off = codes soon off
message-kind-sign-in-displaced = oldest sign-in ended
message-kind-recovery-code-used = recovery code used
message-kind-phone-change-requested = phone change requested
message-queued = Queued
message-accepted = Accepted
message-sent = Sent
message-delivered = Delivered
message-read = Read
message-failed = Failed
message-late = It was not sent, because it expired or its code was no longer needed.

## Orders

merchant-no-orders = No orders yet.
merchant-order = Order
merchant-order-status = Status
merchant-customer = Customer
merchant-placed = Placed
merchant-deliver-to = Deliver to
merchant-ship = Mark shipped
merchant-cancel = Cancel order
merchant-refund = Refund
merchant-received = Mark paid
merchant-parcel-refused = Parcel was refused
merchant-restock = The things go back into stock
merchant-refund-amount = Amount to refund
merchant-refund-part = Refund this amount
merchant-paid-amount = Paid
merchant-refunded-amount = Refunded
disputes-title = Dispute
disputes-about = The shopper asked the bank for the money back. Answer on the pages of your payment service.
# $reason is the word of the payment service, such as "fraudulent"; $until is a date.
dispute-until = Reason: { $reason }. Answer until { $until }.
dispute-reason = Reason: { $reason }.
# $state is where a dispute stands.
dispute-state =
    { $state ->
        [response_needed] Needs your answer
        [under_review] The bank decides
        [won] Won
        [lost] Lost
       *[other] { $state }
    }
history-title = History
# $kind is what happened to an order.
history-kind =
    { $kind ->
        [placed] Placed
        [code_required] A code is needed
        [code_waived] No code is needed
        [code_accepted] Code accepted
        [authorised] Payment authorised
        [declined] Payment declined
        [payment_expired] Payment not completed in time
        [released] Payment released
        [paid] Paid
        [shipped] Shipped
        [parcel_refused] Parcel refused
        [cancelled] Cancelled
        [refunded] Refunded
        [refund_refused] Refund refused
        [disputed] Disputed
       *[other] { $kind }
    }
history-actor =
    { $actor ->
        [shopper] shopper
        [merchant] merchant
        [gateway] payment service
       *[shop] shop
    }
# $reason is by which rule a code is needed or not, or why a payment was declined or not given back.
history-reason =
    { $reason ->
        [always] every payment needs one
        [from_amount] by the amount
        [below_amount] by the amount
        [new_browser] unknown browser
        [new_address] new address
        [new_method] new means of payment
        [known] browser, address and means of payment are known
        [given_up] the order was given up; please give the money back at your payment service
        [failed_late] the refund was reported as done and failed later; please give the money back in another way
        [unavailable] your payment service refuses requests of the shop
       *[other] { $reason }
    }
merchant-paying = The gateway has not answered yet. This settles itself.
merchant-actions = What to do

## Products

product-unlist = Take off the shelf
product-list = Put on the shelf
product-not-listed = Not listed
# $of is a variant of a product, such as "Oat, M".
variant-price = Price
variant-stock = Stock
variant-price-of = Price of { $of }
variant-stock-of = Stock of { $of }
variant-save-price = Save price of { $of }
variant-save-stock = Save stock of { $of }
variant-save = Save
variant-pieces = Add
variant-pieces-of = Pieces to add to { $of }
variant-add-pieces = Add pieces to { $of }
variant-pieces-example = +5

## Messaging: providers

provider-in-use = In use
# $seconds is the time until the provider is tried again.
provider-paused = Left alone for { $seconds } s
provider-probed = Being tried again
providers-title = Providers
providers-about = The first is asked first; the next when it cannot serve.
providers-order = Order
provider = Provider
providers-state = State
providers-problem = Last problem
providers-check = Check providers

## Messaging: what a check found

check-good = Everything is in order.
check-bad = There is something to change.
check-ok = OK
check-change = Change
checks-title = What the check found

## Messaging: templates

templates-none = The providers in use have no templates.
templates-title = Templates
templates-about = WhatsApp messages are sent only in words that were approved before.
# $approved of $all templates are approved.
templates-summary = { $approved } of { $all } can be sent
templates-asking = Still asking. Look again in a moment.
templates-submit = Submit templates
templates-submit-at = Submit templates: { $provider }
templates-sync = Check status
templates-sync-at = Check status: { $provider }
template-unknown = Unknown
template-pending = Pending
template-approved = Approved
template-rejected = Rejected
template-paused = Paused
template-disabled = Disabled
templates-at = Templates at { $provider }
template-name = Template
template-language = Language
template-status = Status
template-reason = Reason
template-advice = What to do

## Messaging: prices

prices-none = No prices are written down. Copy them from the provider's list into MARIGOLD_MESSAGE_PRICES.
prices-title = Prices
text-message = Text message
prices-others = All others
prices-by = By
prices-to = To
prices-per-message = Per message
prices-since = Since
