//! French.
//!
//! GSM-7 has à, é, è and ù, but neither ç nor a circumflex, so the words avoid these.

use super::Words;

/// French.
pub const WORDS: Words = Words {
    decimal_mark: ',',
    login: "Votre code de connexion à {shop} est {code}. Il est valable {minutes} minutes.",
    reset: "{code} est votre code pour changer de mot de passe chez {shop}. Il est valable \
        {minutes} minutes.",
    payment: "{code} confirme votre paiement à {shop}. Ce code est valable {minutes} minutes. Ne \
        le communiquez jamais.",
    payment_of: "Tapez {code} pour payer {amount} à {shop}. Ce code est valable {minutes} \
        minutes. Ne le communiquez jamais.",
    phone: "{code} est votre code pour confirmer ce numéro chez {shop}. Il est valable {minutes} \
        minutes.",
    step_up: "{code} est votre code pour modifier votre compte {shop}. Il est valable {minutes} \
        minutes.",
    order_lookup: "{code} est votre code pour voir votre commande chez {shop}. Il est \
        valable {minutes} minutes.",
    account_exists: "Quelqu'un a voulu s'inscrire chez {shop} avec ce numéro, déjà lié à un \
        compte. Si c'était vous, connectez-vous ou changez de mot de passe.",
    phone_changed: "Les codes de votre compte {shop} arrivent désormais sur un autre \
        téléphone. Ce n'est pas vous ? Changez de mot de passe. Contact : notre site.",
    password_changed: "Le mot de passe de votre compte {shop} a été changé. Si ce n'est pas vous, \
        réinitialisez-le immédiatement.",
    sign_in_refused: "Quelqu'un a saisi votre mot de passe chez {shop}, puis seulement de faux \
        codes. Si ce n'est pas vous, changez de mot de passe.",
    code_reused: "Un code déjà utilisé de votre compte {shop} a été saisi de nouveau, et refusé. \
        Si ce n'est pas vous, changez de mot de passe.",
    codes_soon_off: "Trop de faux codes ont été saisis pour votre compte {shop}. S'il en vient \
        encore, nous n'en enverrons plus. Pas vous ? Contact : voir notre site.",
    recovery_code_used: "Un code de secours de votre compte {shop} a été utilisé pour changer \
        de téléphone. Ce n'est pas vous ? Notre contact figure sur notre site.",
    phone_change_requested: "Dans 24 heures, les codes de votre compte {shop} iront sur un autre \
        téléphone. Si ce n'est pas vous, connectez-vous avec celui-ci.",
    sign_in_displaced: "Une nouvelle connexion a fermé la plus ancienne de votre compte \
        {shop}, car il y en avait trop. Si ce n'est pas vous, changez de mot de passe.",
    account_deleted: "Votre compte {shop} a été supprimé, comme demandé avec son mot de \
        passe. Si ce n'était pas vous, voyez le contact sur notre site.",
};
