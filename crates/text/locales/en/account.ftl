# The account: overview, password, sessions, devices, and the change of the phone.

## Overview

account-title = Your account
account-name = Name
account-email = E-mail
account-phone = Phone for codes
account-orders = Orders
account-security = Password, sessions and devices
account-change-phone = Change the phone
sign-out = Sign out

## Password

security-title = Security
security-change-password = Change your password
security-current-password = Current password
security-change-password-button = Change the password

## Sessions and devices

session-end = End
session-last-seen = Last seen
session-this = This browser
session-end-others = End all others
sessions-title = Where you are signed in
sessions-displaced = These ended today, because too many were open. If you do not know one of the others, end it and change your password.
device-until = Trusted until
device-forget = Forget
devices-title = Trusted devices
devices-about = These sign in with the password alone. Payments always need a code.
devices-none = None.
# $browser and $system are names, such as "Firefox" and "Android".
browser-on-system = { $browser } on { $system }
browser-unknown = Unknown browser

## Change of the phone

phone-first = First the phone you have now.
phone-second = Now the new phone.
phone-title = Change your phone
phone-back = Back to your account
phone-about = Your phone guards your account, so we make sure that it is you: password, a code to the phone you have now, then a code to the new one.
phone-continue = Continue
phone-new = New mobile phone with WhatsApp
phone-new-hint = With country code, such as +44 7700 900111. The old number gets a note.
