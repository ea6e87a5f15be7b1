# Withdrawal from a contract (Directive 2011/83/EU, Art. 11a). The law gives the words of the link
# and of the button that confirms.

## For the consumer

# The words of the law for the link.
withdrawal-here = Withdraw from contract here
# The words of the law for the button.
withdrawal-confirm = Confirm withdrawal
withdrawal-title = Withdraw from contract
withdrawal-about = State who you are and which order it is about. You need no account and no reason.
field-order-number = Order number
order-number-hint = It stands in the e-mail and on the page of your order, such as M-2026-7K4QXZ.
field-contact = E-mail address or mobile phone
withdrawal-contact-hint = The one that you gave with the order. The receipt goes to the e-mail address of the order.
withdrawal-continue = Continue
withdrawal-confirm-title = Confirm your withdrawal
withdrawal-confirm-about = Please check what you state. The notice is given when you press the button.
withdrawal-statement-label = Notice of withdrawal
# $number is the number of an order.
withdrawal-statement = I withdraw from the contract of order { $number }.
withdrawal-change = Change something
withdrawal-receipt-title = Receipt of your withdrawal
withdrawal-receipt-none = This browser has given no notice of withdrawal today.
withdrawal-received-by = Received by
withdrawal-received-at = Received on
withdrawal-receipt-about = Your notice of withdrawal was received. Print or save this page now: this browser shows it for one day.
withdrawal-receipt-email = If the number and the contact belong to an order, the same receipt goes to the e-mail address of that order. The shop writes to you about how the goods are sent back.
# On the page of an order. $date is a date with the time of day.
withdrawal-received = Your withdrawal from this contract was received on { $date }.

## For the merchant

merchant-withdrawals = Withdrawals
withdrawals-none = There are no notices of withdrawal.
withdrawals-about = Every notice is kept, also a late one and one with an unknown order number. Nothing is refunded automatically. The law gives you 14 days for the refund.
overview-withdrawals = Withdrawals to deal with
withdrawal-period = Period
withdrawal-in-time = In time
withdrawal-no-period = No legal right of withdrawal is known for this country
withdrawal-no-order = No order has this number together with this contact
# $date is when the period ended.
withdrawal-late = Late: the period ended on { $date }, if the parcel took no more than ten days
withdrawal-open = Open
withdrawal-handled = Dealt with
withdrawal-handle = Mark as dealt with
withdrawal-reopen = Open again
