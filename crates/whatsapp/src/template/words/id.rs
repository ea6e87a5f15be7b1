//! Indonesian.

use super::Words;

/// Indonesian.
pub const WORDS: Words = Words {
    decimal_mark: ',',
    login: "Kode untuk masuk ke {shop} adalah {code}. Berlaku {minutes} menit.",
    reset: "{code} adalah kode untuk membuat kata sandi baru di {shop}. Berlaku {minutes} menit.",
    payment: "Gunakan {code} untuk mengonfirmasi pembayaran kepada {shop}. Berlaku {minutes} \
        menit. Jangan bagikan kode ini.",
    payment_of: "Gunakan {code} untuk membayar {amount} kepada {shop}. Berlaku {minutes} menit. \
        Jangan bagikan kode ini.",
    phone: "{code} adalah kode untuk memverifikasi nomor ini di {shop}. Berlaku {minutes} menit.",
    step_up: "{code} adalah kode untuk mengubah akun {shop} Anda. Berlaku {minutes} menit.",
    order_lookup: "{code} adalah kode untuk melihat pesanan Anda di {shop}. Berlaku \
        {minutes} menit.",
    account_exists: "Seseorang mencoba mendaftar di {shop} dengan nomor ini, yang sudah memiliki \
        akun. Jika itu Anda, masuklah atau atur ulang kata sandi.",
    phone_changed: "Kode untuk akun {shop} Anda kini dikirim ke ponsel lain. Jika bukan Anda, \
        segera atur ulang kata sandi. Kontak kami ada di situs kami.",
    password_changed: "Kata sandi akun {shop} Anda telah diubah. Jika bukan Anda, segera atur \
        ulang.",
    sign_in_refused: "Seseorang memasukkan kata sandi Anda di {shop}, lalu hanya kode yang salah. \
        Jika bukan Anda, ubah kata sandi Anda.",
    code_reused: "Kode akun {shop} Anda yang sudah terpakai dimasukkan lagi dan ditolak. Jika \
        bukan Anda, ubah kata sandi Anda.",
    codes_soon_off: "Banyak kode salah dimasukkan untuk akun {shop} Anda. Jika berlanjut, kode \
        ke ponsel ini berhenti. Bukan Anda? Kontak kami ada di situs kami.",
    recovery_code_used: "Kode pemulihan akun {shop} Anda telah digunakan untuk mengganti \
        ponsel. Jika bukan Anda, segera lihat kontak kami di situs kami.",
    phone_change_requested: "Dalam 24 jam, kode akun {shop} Anda akan dikirim ke ponsel lain. \
        Jika bukan Anda, masuklah dengan ponsel ini untuk membatalkannya.",
    sign_in_displaced: "Sesi masuk baru mengakhiri sesi terlama akun {shop} Anda karena \
        terlalu banyak yang terbuka. Jika bukan Anda, ubah kata sandi Anda.",
    account_deleted: "Akun {shop} Anda telah dihapus, sesuai permintaan dengan kata sandinya. \
        Jika bukan Anda: kontak kami ada di situs kami.",
};
