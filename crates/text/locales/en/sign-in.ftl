# Signing in, opening an account, and setting a new password.

field-new-password = New password
password-hint = At least 12 characters. A few words you can remember are fine.
send-code = Send the code
field-email = E-mail address

## Sign in

sign-in = Sign in
sign-in-forgot = Forgot your password?
sign-in-lost-phone = Lost your phone?
sign-in-new = New here?
sign-in-register = Create an account
sign-in-code-title = Enter your code
sign-in-trust = Do not ask for codes on this device for 30 days

## Registration

register-title = Create your account
register-email-hint = You sign in with it.
register-phone = Mobile phone with WhatsApp
register-phone-hint = With country code, such as +44 7700 900111. We send codes there when you sign in and when you pay, and nothing else.
register = Create account
register-known = Already a customer?
register-sign-in = Sign in instead
register-code-title = Confirm your phone

## New password

reset-title = Reset your password
reset-about = Tell us who you are. If we know you, a code comes to your phone, and then you can set a new password.
reset-who = E-mail address or phone number
reset-back = Back to sign in
reset-too-early = This page opens after the right code, once, and for a short while.
reset-set-title = Set a password
reset-signs-out = Afterwards every device is signed out, this one too.
reset-set = Set the password
