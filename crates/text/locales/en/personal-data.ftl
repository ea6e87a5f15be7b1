# The data of the account: a copy, and the deletion of the account.

data-title = Your data
data-copy-title = A copy of your data
data-copy-about = Download everything that we keep about your account, as a JSON file: profile, orders, sign-ins, messages and security events. First give your password.
data-copy = Prepare the copy
data-copy-ready = Your copy is ready. In this browser you can download it for ten minutes.
data-download = Download the copy (JSON)
data-delete-title = Delete your account
data-delete-about = Your profile, cart, sign-ins, recovery codes and trusted browsers are deleted at once and cannot be brought back. Orders and invoices stay as the law asks, without the account: you find them by their number under “Find your order”. The log of messages and security events is deleted when it is old.
data-delete-password = Your password, to delete the account
data-delete = Delete my account for good
