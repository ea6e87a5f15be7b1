# Links to the pages that the merchant writes, and what the law asks for beside them.

legal-navigation = Legal
legal-terms = Terms of sale
legal-privacy = Privacy
legal-imprint = Imprint
legal-returns = Returns and withdrawal
legal-contact = Contact

## Beside the button that places an order

checkout-buy-now = Buy now
# What screen readers say for the button "Buy now".
checkout-buy-now-name = Buy now: place order with obligation to pay
checkout-legal = With your order you agree to the terms of sale. Please read them, the privacy notice, and the rules of returns and withdrawal.

## On the page of an order

agreement-title = What was agreed
# $name is the name of a legal page, $version the beginning of its version.
agreement-text = { $name }, version { $version }
