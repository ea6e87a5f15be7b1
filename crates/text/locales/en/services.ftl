# What the shop offers: ways of shipping, means of payment, and the countries it delivers to.

## Shipping

# $id is the word of the way of shipping.
shipping-method =
    { $id ->
        [standard] Standard
        [express] Express
       *[other] { $id }
    }
shipping-time =
    { $id ->
        [standard] Three to five working days
        [express] The next working day, if ordered before noon
       *[other] { $id }
    }
# $time is how long it takes, $subtotal the amount from which on it costs nothing.
shipping-free-from = { $time }; free from { $subtotal }

## Payment

# $id is the gateway's id of the means of payment.
payment-method =
    { $id ->
        [cash-on-delivery] Pay on delivery
        [bank-transfer] Bank transfer
        [demo_approve] Test card ending 4242 (approved)
        [demo_decline] Test card ending 0002 (declined)
        [demo_insufficient_funds] Test card ending 9995 (insufficient funds)
        [demo_timeout] Test card ending 0341 (answers late, then approved)
       *[other] { $id }
    }

## Countries

# $code is the ISO 3166-1 code of the country.
country =
    { $code ->
        [AT] Austria
        [BE] Belgium
        [BR] Brazil
        [CN] China
        [DK] Denmark
        [FR] France
        [DE] Germany
        [IN] India
        [ID] Indonesia
        [IE] Ireland
        [IT] Italy
        [JP] Japan
        [MX] Mexico
        [NL] Netherlands
        [PL] Poland
        [PT] Portugal
        [ES] Spain
        [SE] Sweden
        [GB] United Kingdom
        [US] United States
       *[other] { $code }
    }
