//! German.

use super::Words;

/// German.
pub const WORDS: Words = Words {
    decimal_mark: ',',
    login: "Ihr Code zum Anmelden bei {shop} ist {code}. Er gilt {minutes} Minuten.",
    reset: "{code} ist Ihr Code für ein neues Passwort bei {shop}. Er gilt {minutes} Minuten.",
    payment: "Mit {code} bestätigen Sie Ihre Zahlung an {shop}. Der Code gilt {minutes} Minuten. \
        Geben Sie ihn nie weiter.",
    payment_of: "Mit {code} zahlen Sie {amount} an {shop}. Der Code gilt {minutes} Minuten. Geben \
        Sie ihn nie weiter.",
    phone: "{code} ist Ihr Code zur Bestätigung dieser Nummer bei {shop}. Er gilt {minutes} \
        Minuten.",
    step_up: "Mit {code} bestätigen Sie eine Änderung an Ihrem Konto bei {shop}. Der Code gilt \
        {minutes} Minuten.",
    order_lookup: "{code} ist Ihr Code, um Ihre Bestellung bei {shop} anzusehen. Er gilt \
        {minutes} Minuten.",
    account_exists: "Jemand wollte mit dieser Nummer bei {shop} ein Konto anlegen; es gibt schon \
        eines. Waren Sie es, melden Sie sich an oder ändern Sie das Passwort.",
    phone_changed: "Codes für Ihr Konto bei {shop} gehen jetzt an ein anderes Telefon. Waren Sie das nicht, ändern Sie das Passwort. \
        Kontakt: auf unserer Website.",
    password_changed: "Das Passwort Ihres Kontos bei {shop} wurde geändert. Waren Sie das nicht, \
        setzen Sie es sofort zurück.",
    sign_in_refused: "Jemand hat bei {shop} Ihr Passwort und danach nur falsche Codes eingegeben. \
        Waren Sie das nicht, ändern Sie das Passwort.",
    code_reused: "Ein schon benutzter Code Ihres Kontos bei {shop} wurde noch einmal eingegeben \
        und abgelehnt. Waren Sie das nicht, ändern Sie das Passwort.",
    codes_soon_off: "Für Ihr Konto bei {shop} wurden viele falsche Codes eingegeben. Geht das \
        so weiter, kommen keine mehr. Nicht Sie? Kontakt: auf unserer Website.",
    recovery_code_used: "Ein Ersatzcode Ihres Kontos bei {shop} wurde benutzt, um das Telefon \
        zu wechseln. Waren Sie das nicht? Unser Kontakt steht auf unserer Website.",
    phone_change_requested: "Codes für Ihr Konto bei {shop} sollen in 24 Stunden an ein anderes \
        Telefon gehen. Waren Sie das nicht, melden Sie sich mit diesem an.",
    sign_in_displaced: "Eine neue Anmeldung hat die älteste Ihres Kontos bei {shop} beendet, \
        weil zu viele offen waren. Waren Sie das nicht, ändern Sie das Passwort.",
    account_deleted: "Ihr Konto bei {shop} wurde gelöscht, wie mit seinem Passwort verlangt. \
        Falls Sie das nicht waren: Kontakt auf unserer Website.",
};
