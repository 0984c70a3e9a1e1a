#include "client/sealed_file.h"

#include "core/cursor.h"
#include "core/writer.h"
#include "crypto/aead.h"

#include <string>

namespace wcmp::client {
namespace {

constexpr std::string_view magic = "WCMPVLT1";
constexpr std::size_t head_bytes = 48;
// What a file may ask for: an altered one must not eat the machine.
constexpr std::uint32_t memory_kib_max = 4 * 1024 * 1024;
constexpr std::uint32_t passes_max = 64;
constexpr std::uint32_t lanes_max = 16;

struct Head {
    VaultKey key;
    ByteView nonce;
};

Result<Head> parse_head(ByteView file) {
    Cursor in(file);
    const auto found = in.take(magic.size());
    if (!found || !std::ranges::equal(*found, as_bytes(magic)))
        return fail(Errc::invalid, "this is not a vault of wcmp, or its start was altered");
    Head head;
    auto& cost = head.key.cost;
    WCMP_ASSIGN(cost.passes, in.u32());
    WCMP_ASSIGN(cost.memory_kib, in.u32());
    WCMP_ASSIGN(cost.lanes, in.u32());
    if (cost.passes > passes_max || cost.memory_kib > memory_kib_max || cost.lanes > lanes_max)
        return fail(Errc::invalid, "the vault asks for more work than any vault needs: it was altered");
    WCMP_ASSIGN(const auto salt, in.take(head.key.salt.size()));
    std::ranges::copy(salt, head.key.salt.begin());
    WCMP_ASSIGN(head.nonce, in.take(crypto::aead_nonce_bytes));
    return head;
}

}  // namespace

Result<VaultKey> make_vault_key(std::string_view passphrase, const crypto::Argon2Cost& cost, Random& random) {
    VaultKey made;
    made.cost = cost;
    WCMP_TRY(random.fill(made.salt));
    WCMP_ASSIGN(made.key, crypto::argon2id(passphrase, made.salt, cost));
    return made;
}

Result<Bytes> seal_vault(const VaultKey& key, ByteView plain, Random& random) {
    std::array<std::uint8_t, crypto::aead_nonce_bytes> nonce{};
    WCMP_TRY(random.fill(nonce));
    Bytes file;
    file.reserve(head_bytes + plain.size() + crypto::aead_tag_bytes);
    Writer out(file);
    out.bytes(as_bytes(magic));
    out.u32(key.cost.passes);
    out.u32(key.cost.memory_kib);
    out.u32(key.cost.lanes);
    out.bytes(key.salt);
    out.bytes(nonce);
    out.bytes(plain);
    out.zeros(crypto::aead_tag_bytes);
    const MutableBytes all(file);
    WCMP_TRY(crypto::aead_seal(key.key.view(), nonce, all.first(head_bytes), all.subspan(head_bytes)));
    return file;
}

Result<OpenedVault> open_vault(std::string_view passphrase, ByteView file) {
    if (file.size() < head_bytes + crypto::aead_tag_bytes) return fail(Errc::invalid, "the vault is cut off");
    WCMP_ASSIGN(auto head, parse_head(file));
    auto key = crypto::argon2id(passphrase, head.key.salt, head.key.cost);
    if (!key) {
        if (key.error().code == Errc::invalid) return fail(Errc::invalid, "the vault's start was altered");
        return std::unexpected(key.error());
    }
    head.key.key = *key;
    Bytes plain(file.begin() + head_bytes, file.end());
    if (!crypto::aead_open(head.key.key.view(), head.nonce, file.first(head_bytes), plain))
        return fail(Errc::wrong_passphrase, "wrong passphrase, or the vault was altered");
    plain.resize(plain.size() - crypto::aead_tag_bytes);
    return OpenedVault{head.key, std::move(plain)};
}

}  // namespace wcmp::client
