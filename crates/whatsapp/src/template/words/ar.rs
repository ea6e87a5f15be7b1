//! Arabic.
//!
//! Arabic text is sent as UCS-2 with 70 characters per segment, so a message takes two or
//! three segments. The number of minutes follows a colon, because the form of the word
//! "minutes" depends on the number.

use super::Words;

/// Arabic.
pub const WORDS: Words = Words {
    decimal_mark: '.',
    login: "رمز تسجيل الدخول إلى {shop} هو {code}. مدة صلاحيته بالدقائق: {minutes}.",
    reset: "{code} هو رمز تعيين كلمة مرور جديدة في {shop}. مدة صلاحيته بالدقائق: {minutes}.",
    payment: "استخدم {code} لتأكيد الدفع إلى {shop}. مدة صلاحيته بالدقائق: {minutes}. لا تشاركه \
        مع أحد.",
    payment_of: "استخدم {code} لدفع {amount} إلى {shop}. مدة صلاحيته بالدقائق: {minutes}. لا \
        تشاركه مع أحد.",
    phone: "{code} هو رمز تأكيد هذا الرقم في {shop}. مدة صلاحيته بالدقائق: {minutes}.",
    step_up: "{code} هو رمز تأكيد تغيير في حسابك في {shop}. مدة صلاحيته بالدقائق: {minutes}.",
    order_lookup: "{code} هو رمزك لعرض طلبك في {shop}. هذا الرمز صالح لمدة {minutes} دقيقة.",
    account_exists: "حاول شخص التسجيل في {shop} بهذا الرقم، وله حساب بالفعل. إذا كنت أنت، فسجّل \
        الدخول أو أعد تعيين كلمة المرور.",
    phone_changed: "أصبحت رموز حسابك في {shop} تُرسل إلى هاتف آخر. إذا لم يكن ذلك منك، فأعد تعيين \
        كلمة المرور فورًا وراسلنا.",
    password_changed: "تم تغيير كلمة مرور حسابك في {shop}. إذا لم يكن ذلك منك، فأعد تعيينها فورًا.",
    sign_in_refused: "أدخل شخص كلمة مرورك في {shop} ثم رموزًا خاطئة فقط. إذا لم يكن ذلك منك، \
        فغيّر كلمة المرور.",
    code_reused: "أُدخل مرة أخرى رمز سبق استعماله لحسابك في {shop} ورُفض. إذا لم يكن ذلك منك، \
        فغيّر كلمة المرور.",
    codes_soon_off: "أُدخلت رموز خاطئة كثيرة لحسابك في {shop}. إذا استمر ذلك فسيتوقف إرسال \
        الرموز إلى هذا الهاتف. إذا لم يكن ذلك منك، فراسلنا.",
    recovery_code_used: "استُخدم رمز استرداد لحسابك في {shop} لتغيير الهاتف. إذا لم يكن ذلك منك، \
        فراسلنا فورًا.",
    phone_change_requested: "بعد 24 ساعة ستُرسل رموز حسابك في {shop} إلى هاتف آخر. إذا لم تطلب \
        ذلك، فسجّل الدخول بهذا الهاتف لإيقافه.",
    sign_in_displaced: "أنهى تسجيل دخول جديد أقدم جلسة لحسابك في {shop} لكثرة الجلسات \
        المفتوحة. إذا لم يكن ذلك منك، فغيّر كلمة المرور.",
    account_deleted: "حُذف حسابك في {shop} كما طُلب بكلمة مروره. إذا لم تكن أنت، فتواصل مع \
        المتجر فورًا.",
};
