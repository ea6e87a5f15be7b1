# The way back into an account whose phone is lost: recovery codes and the new phone.

## The account's recovery codes

recovery-codes-title = Recovery codes
recovery-codes-about = If you lose your phone, your password and one of these codes let you set a new phone. Each code works once. Keep them on paper or in a password manager, and not only on the phone.
recovery-codes-none = You have no recovery codes yet.
# $count is the number of codes that are left; $date is when they were made.
recovery-codes-left =
    { $count ->
        [0] All your recovery codes are used. You made them on { $date }.
        [one] You have { $count } recovery code left. You made it on { $date }.
       *[other] You have { $count } recovery codes left. You made them on { $date }.
    }
recovery-codes-confirm = First confirm that it is you: your password, then a code to your phone.
recovery-codes-make = Make recovery codes
recovery-codes-replace-about = New codes replace the old ones, which then stop working.
recovery-codes-replace = Make new recovery codes
recovery-codes-yours = Your new recovery codes
recovery-codes-once = Print this page, download the codes or write them down now. We show them here for ten minutes and never again.
recovery-codes-download = Download as a text file
recovery-codes-saved = I have saved these codes
recovery-codes-link = Get recovery codes
# The first lines of the downloaded file. $shop is the name of the shop.
recovery-codes-file-title = Recovery codes for your { $shop } account
recovery-codes-file-about = Each code works once, together with your password, to set a new phone.

## Signing in without the phone

recovery-no-phone = I no longer have this phone
recovery-title = Use a recovery code
recovery-about = Your password was right. Enter one of the recovery codes that you saved. Then you can set a new phone, and nothing else until that is done.
recovery-code = Recovery code
recovery-code-hint = 24 letters and digits. Upper or lower case and hyphens do not matter. Each code works once.
recovery-code-submit = Use this recovery code
recovery-have-phone = I have the phone: sign in again
recovery-first = First sign in with your e-mail address and your password. On the page that asks for the code from your phone, choose “I no longer have this phone”.
recovery-sign-in = Go to sign in

recovery-no-code = You have no recovery code?
# $contact is an e-mail address or the address of a page.
recovery-ask-shop = Write to { $contact }. Once we know that it is you, we start a change of phone: after 24 hours you can set a new phone here, with your password. We tell you at your old phone and by e-mail, and signing in with the old phone stops it.
recovery-assisted-waits = We have started a change of phone for you. Sign in again here and set your new phone after
recovery-assisted-ready = The wait is over. You can set your new phone now.
recovery-assisted-use = Set a new phone

## The new phone

recovery-phone-title = Set a new phone
recovery-phone-about = Your recovery code was right and is used up. Give the number of your new phone. Your account opens once you have entered the code that we send to it, and every other device is signed out.
recovery-phone-too-early = This page opens after a right recovery code, once, and for a quarter of an hour.
