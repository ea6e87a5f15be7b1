//! English.

use super::Words;

/// English.
pub const WORDS: Words = Words {
    decimal_mark: '.',
    login: "Your OTP for logging into {shop} is {code}. This code is valid for {minutes} minutes.",
    reset: "{code} is your code for setting a new password at {shop}. This code is valid for \
        {minutes} minutes.",
    payment: "Use {code} to confirm your payment to {shop}. This code is valid for {minutes} \
        minutes. Never share it.",
    payment_of: "Use {code} to pay {amount} to {shop}. This code is valid for {minutes} minutes. \
        Never share it.",
    phone: "{code} is your code for proving this phone number to {shop}. This code is valid for \
        {minutes} minutes.",
    step_up: "Use {code} to confirm a change to your {shop} account. This code is valid for \
        {minutes} minutes. Never share it.",
    order_lookup: "{code} is your code for seeing your order at {shop}. This code is valid for \
        {minutes} minutes.",
    account_exists: "Somebody tried to register at {shop} with this number, which has an account \
        already. If it was you, sign in or reset your password instead.",
    phone_changed: "Codes of your {shop} account now go to another phone. If this was not you, \
        reset your password at once; our website tells you how to reach us.",
    password_changed: "The password of your {shop} account was changed. If this was not you, \
        reset it at once.",
    sign_in_refused: "Somebody gave your password at {shop}, and then wrong codes only. If this \
        was not you, change your password.",
    code_reused: "A code of your {shop} account that was used already was given again, and \
        refused. If this was not you, change your password.",
    codes_soon_off: "Many wrong codes were given for your {shop} account. If it goes on, codes \
        to this phone will stop. Not you? Our website tells you how to reach us.",
    recovery_code_used: "A recovery code of your {shop} account was used to change the phone. \
        If this was not you, reach us at once: our website tells you how.",
    phone_change_requested: "Codes of your {shop} account are to go to another phone after 24 hours. \
        If you did not ask for this, sign in with this phone to stop it.",
    sign_in_displaced: "A new sign-in has ended the oldest one of your {shop} account, because \
        too many were open. If this was not you, change your password.",
    account_deleted: "Your {shop} account was deleted, as was asked for with its password. If \
        this was not you, our website tells you how to reach us.",
};
