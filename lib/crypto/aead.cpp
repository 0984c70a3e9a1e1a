#include "crypto/aead.h"

#include "crypto/botan_guard.h"
#include "crypto/secret.h"

#include <botan/aead.h>

namespace wcmp::crypto {
namespace {

#if BOTAN_VERSION_MAJOR >= 3
constexpr auto encryption = Botan::Cipher_Dir::Encryption;
constexpr auto decryption = Botan::Cipher_Dir::Decryption;
#else
constexpr auto encryption = Botan::ENCRYPTION;
constexpr auto decryption = Botan::DECRYPTION;
#endif

// The library works in place on whole blocks; only the end and the tag go through a buffer of its own.
// `length` bytes are input; the output, which differs from it by the tag, fills the start of `buffer`.
void process(Botan::Cipher_Dir direction, ByteView key, ByteView nonce, ByteView associated,
             MutableBytes buffer, std::size_t length, std::size_t whole_from) {
    const auto mode = Botan::AEAD_Mode::create_or_throw("ChaCha20Poly1305", direction);
    mode->set_key(key.data(), key.size());
    mode->set_associated_data(associated.data(), associated.size());
    mode->start(nonce.data(), nonce.size());
    const auto whole = whole_from - whole_from % mode->update_granularity();
    if (whole > 0) mode->process(buffer.data(), whole);
    Botan::secure_vector<std::uint8_t> end(buffer.data() + whole, buffer.data() + length);
    mode->finish(end);
    std::ranges::copy(end, buffer.data() + whole);
}

bool sizes_are_right(ByteView key, ByteView nonce, MutableBytes buffer) {
    return key.size() == aead_key_bytes && nonce.size() == aead_nonce_bytes &&
           buffer.size() >= aead_tag_bytes;
}

}  // namespace

Result<void> aead_seal(ByteView key, ByteView nonce, ByteView associated, MutableBytes buffer) {
    if (!sizes_are_right(key, nonce, buffer))
        return fail(Errc::invalid, "key, nonce or buffer of a wrong size");
    const auto length = buffer.size() - aead_tag_bytes;
    return guard_botan([&] { process(encryption, key, nonce, associated, buffer, length, length); });
}

Result<void> aead_open(ByteView key, ByteView nonce, ByteView associated, MutableBytes buffer) {
    if (!sizes_are_right(key, nonce, buffer))
        return fail(Errc::invalid, "key, nonce or buffer of a wrong size");
    WipeOnExit plaintext(buffer);
    WCMP_TRY(guard_botan([&] {
        process(decryption, key, nonce, associated, buffer, buffer.size(), buffer.size() - aead_tag_bytes);
    }));
    plaintext.release();
    return {};
}

}  // namespace wcmp::crypto
