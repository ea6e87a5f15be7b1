# The checkout, from the contact to the code that confirms the payment.

## Steps

checkout-step-contact = Contact
checkout-step-address = Address
checkout-step-shipping = Shipping
checkout-step-payment = Payment
checkout-step-review = Review
# $step is the title of a step.
checkout-step-title = { $step } – checkout
checkout-step-done = (done)
checkout-steps = Steps of the checkout

## Contact

checkout-title = Checkout
checkout-contact = Contact
checkout-guest = Your payment is confirmed with a code on your own phone, so we need to know it is yours. Your cart comes with you.
checkout-sign-in = Sign in
checkout-register = Create account

## What is ordered

checkout-summary = Order summary
checkout-order = Your order
# Beside the heading of something that can be changed. Screen readers go on with what it is.
checkout-change = Change
checkout-change-cart = your cart

## Sections

checkout-delivery-address = Delivery address
checkout-shipping = Shipping
checkout-payment = Payment
checkout-change-address = delivery address
checkout-change-shipping = shipping
checkout-change-payment = payment
# $way is a way of shipping, $price what it costs.
checkout-shipping-chosen = { $way } · { $price }
field-name = Full name
field-street = Street and number
field-extra = Flat, floor, c/o (optional)
# A field that may be left empty. $field is the label of another message.
field-optional = { $field } (optional)
# Below a label. $example is a postal code.
field-example = For example { $example }
# What the postal code is called in most countries, in the United States, in India, in Ireland.
field-postcode = Postal code
field-zip = ZIP code
field-pin = PIN code
field-eircode = Eircode
field-city = Town
# A part of a town.
field-district = District
field-neighbourhood = Neighbourhood
field-townland = Townland
# What the parts of a country are called.
field-state = State
field-province = Province
field-prefecture = Prefecture
field-county = County
field-region-choose = Please choose
checkout-to-shipping = Continue to shipping
field-country = Country
field-country-choose = Choose a country
# The button beside the list of countries, which shows the fields of the chosen one.
checkout-change-country = Change country
checkout-shipping-question = How should it travel?
checkout-to-payment = Continue to payment
checkout-payment-question = How would you like to pay?
checkout-to-review = Continue to review
field-password = Password
checkout-password-hint = Too many wrong codes were given, so we make sure that it is you.
checkout-review = Review and place your order
checkout-review-about = Please check everything above. When you place the order we send a code to your phone; it confirms this order, at this price, to this address, and nothing else.
checkout-place = Place order
checkout-not-charged = Nothing is charged before you enter the code.

## Confirmation by code

confirm-title = Confirm your payment
confirm-you-pay = You pay
# Follows "You pay". $amount is written with its symbol, $payee is the name of the shop.
confirm-amount = { $amount } to { $payee }
confirm-button = Confirm payment
confirm-to = To
confirm-order = Order
delivered-to = Delivered to
confirm-exactly = The code confirms exactly this. If anything here changes, the code stops working.
