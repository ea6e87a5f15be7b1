# Links to the pages that the merchant writes, and what the law asks for beside them.

legal-navigation = Legal
legal-terms = Terms of sale
legal-privacy = Privacy
legal-imprint = Imprint
legal-returns = Returns and withdrawal
legal-contact = Contact
