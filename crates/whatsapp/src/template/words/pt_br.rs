//! Portuguese as in Brazil.
//!
//! GSM-7 has no accented letters but é and à, so the words avoid the others ("PIN",
//! "desconhece").

use super::Words;

/// Portuguese as in Brazil.
pub const WORDS: Words = Words {
    decimal_mark: ',',
    login: "Seu PIN para entrar em {shop} é {code}. Ele vale por {minutes} minutos.",
    reset: "{code} é seu PIN para criar uma nova senha em {shop}. Ele vale por {minutes} minutos.",
    payment: "Use o PIN {code} para confirmar seu pagamento a {shop}. Ele vale por {minutes} \
        minutos. Nunca o compartilhe.",
    payment_of: "Use o PIN {code} para pagar {amount} a {shop}. Ele vale por {minutes} minutos. \
        Nunca o compartilhe.",
    phone: "{code} é seu PIN para confirmar este telefone em {shop}. Ele vale por {minutes} \
        minutos.",
    step_up: "{code} é seu PIN para alterar sua conta em {shop}. Ele vale por {minutes} minutos.",
    order_lookup: "{code} é seu PIN para ver seu pedido em {shop}. Ele vale por \
        {minutes} minutos.",
    account_exists: "Alguém quis criar uma conta em {shop}, mas este telefone pertence a uma \
        conta existente. Se o pedido foi seu, entre nela ou redefina a senha.",
    phone_changed: "Os PINs da sua conta em {shop} agora chegam a outro telefone. Se \
        desconhece essa troca, redefina a senha agora. Contato: em nosso site.",
    password_changed: "A senha da sua conta em {shop} foi alterada. Se desconhece essa troca, \
        redefina a senha agora mesmo.",
    sign_in_refused: "Alguém informou sua senha em {shop} e depois apenas PINs errados. Se \
        desconhece essa tentativa, troque a senha.",
    code_reused: "Um PIN usado da sua conta em {shop} foi informado de novo e recusado. Se \
        desconhece essa tentativa, troque a senha.",
    codes_soon_off: "Muitos PINs errados foram dados para sua conta em {shop}. Se continuar, o \
        envio para este telefone vai parar. Desconhece? Contato: em nosso site.",
    recovery_code_used: "Um PIN de reserva da sua conta em {shop} foi usado para trocar de \
        telefone. Se desconhece essa troca, veja agora mesmo o contato em nosso site.",
    phone_change_requested: "Os PINs da sua conta em {shop} devem ir para outro telefone em 24 \
        horas. Se desconhece esse pedido, entre com este telefone.",
    sign_in_displaced: "Uma nova entrada fechou a mais antiga da sua conta em {shop}, pois \
        havia muitas abertas. Se desconhece essa entrada, troque a senha.",
    account_deleted: "Sua conta de {shop} foi apagada com a senha dela. Se outra pessoa fez \
        isso: contato em nosso site.",
};
