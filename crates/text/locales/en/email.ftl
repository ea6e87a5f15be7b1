# The e-mail address of an account, to which notices go once it is confirmed. $email is the
# address.

email-title = Your e-mail address
email-off = This shop sends no e-mail.
email-about = We write to { $email } when something important happens to your account, for example when its phone is changed. First confirm that the address is yours: we send a link to it.
email-send = Send the link
email-confirm-about = Confirm that { $email } is yours. Then we write to it when something important happens to your account.
email-confirm = Confirm this address
email-confirmed = { $email } is confirmed. We write to it when something important happens to your account.
