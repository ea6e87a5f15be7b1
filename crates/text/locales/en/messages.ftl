# What the shop answers: refusals, problems of fields, what went well, and where the message
# with a code is. Shown in alerts, beside fields, and read aloud by screen readers.

## Spans of time

span-seconds =
    { $count ->
        [one] { $count } second
       *[other] { $count } seconds
    }
span-minutes =
    { $count ->
        [one] { $count } minute
       *[other] { $count } minutes
    }
span-hours =
    { $count ->
        [one] { $count } hour
       *[other] { $count } hours
    }

## Faults. $reference is a short id that finds the fault in the shop's log.

fault = Something went wrong on our side, and nothing was changed. Reference: { $reference }.

## Refusals

refusal-fields = Please correct the marked fields.
# $left is the number of attempts that are left.
refusal-wrong-code =
    { $left ->
        [0] That code is wrong or its time is over, and it cannot be used any more. Please start again for a new code.
        [1] That code is wrong or its time is over. You can try once more.
       *[other] That code is wrong or its time is over. You can try { $left } more times.
    }
# $left is the number of attempts that are left.
refusal-wrong-recovery-code =
    { $left ->
        [0] That recovery code is wrong or was used before. Please sign in again.
        [1] That recovery code is wrong or was used before. You can try once more.
       *[other] That recovery code is wrong or was used before. You can try { $left } more times.
    }
refusal-no-code = There is no code to check here. Please start again.
# $span is a span of time, such as "30 seconds".
refusal-too-soon = A code was sent a moment ago. You can send it again in { $span }.
refusal-resends-spent = This code was sent as often as possible. Please start again for a new one.
refusal-too-many = That was tried too often. Please try again in { $span }.
refusal-phone-disabled = Codes are switched off for this phone after too many wrong ones. Please write to { $contact }: once we know that it is you, we switch them on again.
refusal-order-changed = Something in your order changed since the code was sent. Please review it again.
refusal-confirmation-ended = That was one wrong code too many. Nothing was charged. Please review your order and place it again, with your password.
refusal-payment-declined = Your payment was declined. Nothing was charged. Please choose another way to pay.
refusal-payment-unavailable = This way to pay does not work at the moment. Nothing was charged. Please choose another one.
# $left is how many are in stock.
refusal-out-of-stock =
    { $left ->
        [0] Something in your cart has just sold out.
       *[other] Only { $left } left. Please take fewer.
    }
refusal-cart-empty = Your cart is empty.
refusal-cart-full = Your cart is full. Please order these things first.
refusal-wrong-credentials = That e-mail address and password do not match.
refusal-wrong-password = That is not your current password.
refusal-cookie-needed = Nothing was sent: your browser did not send this shop’s cookie back, and without it we could not recognise your browser on the next page. Please allow cookies for this shop, and send the form again.
refusal-sign-in-needed = Please sign in first.
refusal-step-up-needed = Please confirm that it is you first.
refusal-not-found = We could not find that.
refusal-not-possible = That is not possible any more.
refusal-busy = The shop is very busy. Please try again in { $span }.

## What a form of the merchant showed and what there is now

# $shown and $now are numbers of pieces.
outdated-stock = The stock was { $shown } when this page was loaded, and is { $now } now. Nothing was saved. Check the number and save it again.
# $shown and $now are amounts.
outdated-price = The price was { $shown } when this page was loaded, and is { $now } now. Nothing was saved. Check the price and save it again.
outdated-listed = This product was off the shelf when this page was loaded, and is on the shelf now. Nothing was changed.
outdated-withdrawal-handled = This notice was open when this page was loaded, and has been dealt with since. Nothing was changed.
outdated-withdrawal-open = This notice was dealt with when this page was loaded, and is open again. Nothing was changed.
outdated-unlisted = This product was on the shelf when this page was loaded, and is off the shelf now. Nothing was changed.
# $shown and $now are statuses of an order, such as "Paid".
outdated-order = The status of this order was “{ $shown }” when this page was loaded, and is “{ $now }” now. Nothing was changed.
# $shown and $now number the versions of an order.
outdated-order-revised = The shopper changed this order: this page showed version { $shown }, and there is version { $now } now. Nothing was changed.
# $now is a number of pieces.
outdated-stock-change = This form changed the stock before, and was not applied a second time. The stock is { $now } now.
# $shown and $now are dates with a time.
outdated-codes-on = The codes of this account were off since { $shown } when this page was loaded, and are on now. Nothing was changed.
outdated-codes-off = The codes of this account were off since { $shown } when this page was loaded, and are off again since { $now }. Nothing was changed. Make sure again that it is the owner who asks.
outdated-phone-change-started = No change of phone was open when this page was loaded, and one was started at { $now }. Nothing was changed.
outdated-phone-change-ended = A change of phone of { $shown } was open when this page was loaded, and has ended. Nothing was changed.
outdated-phone-change-replaced = A change of phone of { $shown } was open when this page was loaded, and another one was started at { $now }. Nothing was changed.

## Problems of fields

problem-email = Enter an e-mail address in the form name@example.com.
problem-email-taken = This e-mail address already has an account. Please sign in, or set a new password.
problem-phone = Enter a mobile number with its country code, such as +44 7700 900111.
problem-phone-country-code = The country code is missing. Begin with + and the code, such as +44 7700 900111.
problem-phone-unknown-country-code = No country has the code at the beginning of this number. Check the digits after the +.
problem-phone-short = This number has too few digits for its country. Please check it.
problem-phone-long = This number has too many digits for its country. Please check it.
problem-phone-characters = Enter digits only, after the +, and no extension.
problem-phone-impersonal = We cannot send codes to a service number. Enter your mobile number.
problem-phone-country = We cannot send codes to numbers of this country yet.
problem-password-short = Use at least 12 characters.
problem-password-long = Use at most 128 characters.
problem-password-common = This password is on the list that guessers try first. Please choose another.
problem-code-empty = Enter the code from the message.
problem-code-length = The code has six digits.
problem-code-digits = The code has digits only.
problem-code-several = There are two different codes here. Enter the one from the newest message.
problem-recovery-code = A recovery code has 24 letters and digits, in six groups of four.
problem-choice = Please choose one of the options.
problem-name = Enter a name of up to 100 characters.
problem-street = Enter street and number.
problem-city = Enter a town.
problem-district = Enter the part of the town.
problem-region = Choose one from the list.
problem-postcode = Enter a postal code.
problem-postcode-form = The chosen country has no such postal code. Please check it.
problem-country = Choose a country.
problem-quantity = Enter a number from 1 to 20.
problem-price = Enter a price such as 12.50.
problem-stock = Enter a whole number, 0 or more.
problem-order-number = Enter the number of your order. It begins with M and the year, such as M-2026-7K4QXZ.
problem-contact = Enter the e-mail address or the mobile phone, with its country code, that you gave with the order.
problem-pieces = Enter a whole number such as 5, +5 or -2. The stock cannot go below 0.
problem-amount = Enter an amount such as 12.50, and not more than is left.
problem-line = Fill in this field.

## What went well, told once on the next page

flash-code-sent-again = We sent the code again. It is the same code as before.
flash-code-sent-by-sms = We sent the same code by text message.
flash-password-set = Your new password is set and every device was signed out. Please sign in.
flash-password-changed = Your password is changed. Other devices were signed out.
flash-phone-changed = Your phone number is changed. Other devices were signed out.
flash-signed-in = You are signed in.
flash-signed-out = You are signed out.
flash-session-ended = That session has ended.
flash-other-sessions-ended = All your other sessions have ended.
flash-device-forgotten = That device will be asked for a code again.
flash-welcome = Welcome! Your account is ready. Save your recovery codes in case you lose your phone.
flash-recovery-codes-offered = Save your recovery codes: with one of them you get back into your account if you lose your phone.
flash-email-link-sent = We sent a link to your e-mail address. It works once, within one hour.
flash-email-confirmed = Your e-mail address is confirmed.
flash-recovery-codes-saved = Your recovery codes are saved.
flash-account-deleted = Your account was deleted. Your orders stay as the law asks; you find them by their number.
flash-added-to-cart = Added to your cart.
flash-cart-changed = Your cart is up to date.
flash-line-removed = Removed from your cart.
flash-saved = Saved.

## Where the message with a code is

delivery-whatsapp-queued = We are sending your message.
delivery-whatsapp-accepted = Your message is on its way.
delivery-whatsapp-sent = Your message was sent and is on its way to your phone.
delivery-whatsapp-delivered = Your message is on your phone.
delivery-whatsapp-read = Your message was opened on your phone.
delivery-whatsapp-unreachable = WhatsApp cannot reach this number just now. Check that your phone is on and connected, or use another way.
delivery-sms-queued = We are sending your text message.
delivery-sms-accepted = Your text message is on its way.
delivery-sms-sent = Your text message was sent and is on its way to your phone.
delivery-sms-delivered = Your text message is on your phone.
delivery-sms-read = Your text message was opened on your phone.
delivery-sms-unreachable = Text messages cannot reach this number just now. Check that your phone is on, or use another way.
delivery-trouble = Your message could not be sent: the trouble is on our side. Send the code again in a minute, or use another way.
delivery-unknown = We cannot tell whether your message was sent. If nothing comes in a minute, send the code again.
delivery-late = Your message could not be sent in time. Send the code again, or use another way.
delivery-failed = Your message could not be delivered. Check that your phone is on, then send the code again or use another way.
