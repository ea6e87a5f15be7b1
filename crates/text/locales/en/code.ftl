# The screen that asks for a code, wherever a code is asked for.

code-verify = Verify code
code-resend = Send the code again
# $count is the number of seconds until the code may be sent again.
code-resend-wait =
    { $count ->
        [one] You can send it again in { $count } second.
       *[other] You can send it again in { $count } seconds.
    }
unreachable = The shop could not be reached. Check your connection and try again.

## Where the code went. $phone is the number, most of it hidden.

code-sign-in-whatsapp = A code is on its way to WhatsApp on { $phone }.
code-sign-in-sms = A code is on its way by text message to { $phone }.
code-reset-whatsapp = If we know this e-mail or number, a code is on its way to WhatsApp on { $phone }.
code-reset-sms = If we know this e-mail or number, a code is on its way by text message to { $phone }.
code-lookup-whatsapp = If this number and contact belong to an order, a code is on its way to WhatsApp on { $phone }.
code-lookup-sms = If this number and contact belong to an order, a code is on its way by text message to { $phone }.
code-phone-whatsapp = A code is on its way to WhatsApp on { $phone }. A number that already has an account gets a note instead.
code-phone-sms = A code is on its way by text message to { $phone }. A number that already has an account gets a note instead.
code-step-up-whatsapp = A code is on its way to WhatsApp on { $phone }. It confirms that it is you who changes your account.
code-step-up-sms = A code is on its way by text message to { $phone }. It confirms that it is you who changes your account.
code-payment-whatsapp = A code is on its way to WhatsApp on { $phone }. It confirms exactly what you see on this page.
code-payment-sms = A code is on its way by text message to { $phone }. It confirms exactly what you see on this page.

## Field and links

code-send-sms = Send by text message
code-look-again = Check again where your message is
code-label = 6-digit code
# $minutes is how long the code is valid.
code-hint = Look at your phone. The code is valid for { $minutes } minutes. Spaces do not matter.

## Other ways

code-restart-sign-in = Sign in again, for a new code
code-restart-reset = Use another e-mail or number
code-restart-lookup = Use another number or contact
code-restart-phone = Use another number
code-restart-step-up = Give your password again, for a new code
code-restart-payment = Go back to your order
code-offer-sms = If WhatsApp does not bring it within half a minute, we can send the same code by text message: a button for it appears above.
# $contact is an e-mail address or the address of a page.
code-limits = One phone gets only so many codes an hour and a day, and none for a while after wrong ones. If nothing comes, wait an hour and start again. After very many wrong ones we switch codes off and tell the phone; then write to { $contact }.
code-other-ways = Use another way
code-on-phone = Codes come by WhatsApp. Open it on the phone itself: linked computers hide them.
code-check-phone = Check that the phone is on and connected, then send the code again.

## No code to enter: what happened to it, and the one thing to do, as a button below says it too.
## $purpose is what the code was for; a payment begins again at the review of the order.

code-ended-none = There is no code to enter here: start again for a new one.
code-ended-expired =
    { $purpose ->
        [payment] The time of this code is over: review your order for a new one.
       *[other] The time of this code is over: start again for a new one.
    }
code-ended-used =
    { $purpose ->
        [payment] This code was used already: review your order for a new one.
       *[other] This code was used already: start again for a new one.
    }
code-ended-exhausted =
    { $purpose ->
        [payment] Too many wrong codes were entered: review your order for a new one.
       *[other] Too many wrong codes were entered: start again for a new one.
    }
code-ended-replaced =
    { $purpose ->
        [payment] Something in your order changed since the code was sent: review your order for a new one.
       *[other] This code was replaced by a newer one: enter that one, or start again.
    }
start-again = Start again
code-review-order = Review your order
