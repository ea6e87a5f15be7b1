# Orders: receipts, the list in the account, and what every order shows.

## What is bought and what it costs

# $colour and $size describe a product, $count is the number of pieces.
summary-options = { $colour }, { $size } × { $count }
shipping = Shipping
standard-shipping = Standard shipping
shipping-free = Free
subtotal = Subtotal
total = Total

## Receipt

# $number is the number of an order.
order-title = Order { $number }
orders-all = All your orders
order-awaiting-code-title = Waiting for your code
order-awaiting-code = Nothing was charged. Enter the code from your phone to confirm this order.
order-awaiting-authorisation-title = Your payment is not complete yet
order-awaiting-authorisation = Nothing was charged, and your things are set aside for you. Complete the payment on the page of the payment service.
order-to-payment-page = Continue to the payment page
order-other-payment = Choose another way to pay
order-authorised-title = One more step: your code
order-authorised = Your bank has agreed to the payment, and nothing was charged. Confirm the order with the code that we send to your phone.
order-send-code = Send the code
order-confirmed-title = Thank you, your order is confirmed
order-confirmed-on-delivery = You pay when it is delivered.
# $until is the date until which the money has to arrive.
order-confirmed-transfer = Please transfer the amount until { $until }. We send your things as soon as the money has arrived.
transfer-title = Bank transfer
transfer-holder = Recipient
transfer-account = Account
transfer-bank = Bank
transfer-amount = Amount
transfer-reference = Reference
transfer-reference-hint = Please give this reference, so that we can find your payment.
transfer-until = Until
order-declined-title = Your payment did not go through
# $reason is the reason of a declined payment.
order-declined = { $reason } Nothing was charged. Your things are still in your cart, and you can order them again.
order-paying-title = Your payment is on its way
order-paying = Your order is confirmed and its things are set aside. The bank takes its time; you need not do anything.
order-paid-title = Thank you, your order is confirmed
order-paid = It is paid, and we are packing it.
order-shipped-title = Your order is on its way
order-shipped = It was handed over for delivery.
order-cancelled-title = This order was cancelled
order-cancelled = Nothing was charged.
order-refunded-title = This order was refunded
order-refunded = The whole amount went back to you.
order-enter-code = Enter the code
order-paid-with = Paid with
order-paid-on = Paid on
order-shipped-on = Shipped on

# The heading of the part that is printed. Below it stands the name of the shop that sold.
receipt = Receipt
receipt-taxes = All prices include taxes.
receipt-number = Order number
receipt-placed-on = Placed on

## Invoice

# $number is the number of an invoice.
invoice-title = Invoice { $number }
invoice-to = Invoice to
invoice-number = Invoice number
invoice-issued-on = Invoice date
invoice-description = Description
invoice-quantity = Quantity
invoice-price = Price
invoice-amount = Amount
# A product in a colour and a size.
invoice-options = { $product }, { $colour }, { $size }
invoice-download = Download the invoice (PDF)
invoice-print-instead = This invoice has letters that our PDF files cannot show. Please print this page instead: it is the same invoice.

## States of an order

order-status-awaiting-code = Waiting for code
order-status-awaiting-authorisation = Waiting for payment
order-status-authorised = Waiting for code
order-status-confirmed = Confirmed
order-status-paying = Paying
order-status-paid = Paid
order-status-shipped = Shipped
order-status-cancelled = Cancelled
order-status-refunded = Refunded

## Finding an order without an account

lookup-title = Find your order
lookup-about = State the number of your order and how we reach you. We send a code to the phone of the order; with it you see the order in this browser for an hour.
lookup-contact-hint = The e-mail address or the mobile phone of the order.
lookup-account = With an account you see your orders there.

## Reasons of a declined payment

# $id is the word of the reason.
decline-reason =
    { $id ->
        [insufficient_funds] There was not enough money in the account.
        [expired_card] The card has expired.
        [incorrect_details] The number, date or security code of the card was wrong.
        [not_authenticated] The check by your bank was not passed.
        [not_supported] This card cannot be used for this purchase.
        [try_again] The bank could not be reached.
        [unavailable] This way to pay does not work at the moment.
        [canceled] The payment was cancelled.
        [expired] The time for the payment was over.
       *[other] The bank declined the payment.
    }

## Orders of the account

orders-title = Your orders
orders-none = You have not ordered anything yet.
# $count is the number of pieces of an order.
order-pieces =
    { $count ->
        [one] { $count } piece
       *[other] { $count } pieces
    }
