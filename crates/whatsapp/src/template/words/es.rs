//! Spanish.
//!
//! GSM-7 has no accented letters but é and ñ, so the words avoid the others ("clave").

use super::Words;

/// Spanish.
pub const WORDS: Words = Words {
    decimal_mark: ',',
    login: "Tu clave para entrar en {shop} es {code}. Vale durante {minutes} minutos.",
    reset: "{code} es tu clave para cambiar la contraseña en {shop}. Vale durante {minutes} \
        minutos.",
    payment: "Usa {code} para confirmar tu pago a {shop}. Esta clave vale durante {minutes} \
        minutos. No se la des a nadie.",
    payment_of: "Usa {code} para pagar {amount} a {shop}. Esta clave vale durante {minutes} \
        minutos. No se la des a nadie.",
    phone: "{code} es tu clave para confirmar este teléfono en {shop}. Vale durante {minutes} \
        minutos.",
    step_up: "{code} es tu clave para confirmar un cambio en tu cuenta de {shop}. Vale durante \
        {minutes} minutos.",
    order_lookup: "{code} es tu clave para ver tu pedido en {shop}. Vale durante \
        {minutes} minutos.",
    account_exists: "Alguien ha querido registrarse en {shop} con este teléfono, que ya tiene una \
        cuenta. Si ha sido cosa tuya, entra en ella o cambia la contraseña.",
    phone_changed: "Las claves de tu cuenta de {shop} llegan ahora a otro teléfono. Si no lo \
        has pedido, cambia la contraseña enseguida. Contacto: en nuestra web.",
    password_changed: "Se ha cambiado la contraseña de tu cuenta de {shop}. Si no lo has hecho, \
        restablécela enseguida.",
    sign_in_refused: "Alguien ha dado tu contraseña en {shop} y luego solo claves incorrectas. Si \
        no lo reconoces, cambia la contraseña.",
    code_reused: "Alguien ha vuelto a usar una clave ya gastada de tu cuenta de {shop}, sin \
        efecto. Si no lo reconoces, cambia la contraseña.",
    codes_soon_off: "Hay muchas claves incorrectas en tu cuenta de {shop}. Si esto no para, \
        dejaremos de enviarlas. Si no lo reconoces: contacto en nuestra web.",
    recovery_code_used: "Se ha usado una clave de reserva de tu cuenta de {shop} para cambiar \
        de teléfono. Si no lo reconoces, busca enseguida el contacto en nuestra web.",
    phone_change_requested: "Las claves de tu cuenta de {shop} van a llegar a otro teléfono en 24 \
        horas. Si no lo has pedido, entra con este teléfono para impedirlo.",
    sign_in_displaced: "Una entrada nueva ha cerrado la primera de tu cuenta de {shop}, porque hay \
        demasiadas. Si no lo reconoces, cambia la contraseña.",
    account_deleted: "Se ha eliminado tu cuenta de {shop} con su contraseña. Si no lo has \
        pedido: encuentras nuestro contacto en nuestra web.",
};
