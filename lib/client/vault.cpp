#include "client/vault.h"

#include "core/hex.h"
#include "crypto/aead.h"

#include <algorithm>

namespace wcmp::client {
namespace {

constexpr std::string_view vault_name = "vault";
constexpr std::string_view new_vault_name = "vault.new";
constexpr std::string_view letters_name = "letters";
constexpr std::uint64_t vault_bytes_max = std::uint64_t{256} << 20;
constexpr std::uint64_t letter_bytes_max = std::uint64_t{64} << 20;

Result<Bytes> read_all(const io::ReadableFile& file, std::uint64_t bytes_max) {
    WCMP_ASSIGN(const auto status, file.status());
    if (status.size > bytes_max)
        return fail(Errc::too_large, "a file of the vault is larger than any can be");
    Bytes bytes(static_cast<std::size_t>(status.size));
    WCMP_TRY(io::read_exactly(file, 0, bytes));
    return bytes;
}

// Absent is fine.
Result<void> unlink_if_there(io::Directory& directory, std::string_view name) {
    auto gone = directory.unlink(name);
    if (!gone && gone.error().code == Errc::not_found) return {};
    return gone;
}

Result<void> write_durably(io::Directory& directory, std::string_view name, ByteView bytes) {
    WCMP_ASSIGN(const auto file, directory.create(name));
    WCMP_TRY(file->write_at(0, bytes));
    return file->sync();
}

Result<std::unique_ptr<io::Directory>> open_or_make(io::Directory& home, std::string_view name) {
    auto there = home.open_directory(name);
    if (there || there.error().code != Errc::not_found) return there;
    WCMP_TRY(home.make_directory(name));
    WCMP_TRY(home.sync());
    return home.open_directory(name);
}

}  // namespace

Result<bool> Vault::exists(const io::Directory& home) {
    const auto file = home.open(vault_name);
    if (file) return true;
    if (file.error().code == Errc::not_found) return false;
    return std::unexpected(file.error());
}

Result<void> Vault::prepare(std::unique_ptr<io::Directory> home, Random& random) {
    home_ = std::move(home);
    random_ = &random;
    auto lock = home_->lock();
    if (!lock && lock.error().code == Errc::busy)
        return fail(Errc::busy, "another wcmp is working with this home; try again when it has ended");
    if (!lock) return std::unexpected(lock.error());
    lock_ = std::move(*lock);
    WCMP_ASSIGN(letters_, open_or_make(*home_, letters_name));
    return {};
}

// What a crash left behind. In a home that may only be read it stays.
Result<void> Vault::tidy() {
    auto done = unlink_if_there(*home_, new_vault_name);
    if (done) done = remove_orphans();
    if (!done && (done.error().code == Errc::read_only || done.error().code == Errc::denied)) return {};
    return done;
}

Result<Vault> Vault::open(std::unique_ptr<io::Directory> home, std::string_view passphrase, Random& random) {
    WCMP_ASSIGN(const auto there, exists(*home));
    if (!there) return fail(Errc::not_found, "there is no vault in this home yet");
    Vault vault;
    WCMP_TRY(
        vault.prepare(std::move(home), random));  // the lock comes before reading: nobody saves in between
    WCMP_ASSIGN(const auto file, vault.home_->open(vault_name));
    WCMP_ASSIGN(const auto sealed, read_all(*file, vault_bytes_max));
    WCMP_ASSIGN(auto opened, open_vault(passphrase, sealed));
    const crypto::WipeOnExit wiped(opened.plain);
    WCMP_ASSIGN(vault.profile_, decode_profile(opened.plain));
    vault.key_ = opened.key;
    WCMP_TRY(vault.tidy());
    return vault;
}

Result<Vault> Vault::create(std::unique_ptr<io::Directory> home, std::string_view passphrase,
                            const crypto::Argon2Cost& cost, Random& random) {
    Vault vault;
    WCMP_TRY(vault.prepare(std::move(home), random));  // the lock comes first: of two, one makes it
    WCMP_ASSIGN(const auto there, exists(*vault.home_));
    if (there) return fail(Errc::exists, "there is a vault in this home already");
    WCMP_ASSIGN(vault.key_, make_vault_key(passphrase, cost, random));
    WCMP_TRY(random.fill(vault.profile_.mail_key.writable()));
    WCMP_TRY(vault.save());
    return vault;
}

Result<void> Vault::save() {
    auto plain = encode_profile(profile_);
    const crypto::WipeOnExit wiped(plain);
    WCMP_ASSIGN(const auto sealed, seal_vault(key_, plain, *random_));
    WCMP_TRY(unlink_if_there(*home_, new_vault_name));
    WCMP_TRY(write_durably(*home_, new_vault_name, sealed));
    WCMP_TRY(home_->rename(new_vault_name, vault_name));
    WCMP_TRY(home_->sync());
    for (const auto& file : removed_) WCMP_TRY(unlink_if_there(*letters_, to_hex(file)));
    removed_.clear();
    return {};
}

Result<Letter*> Vault::add_letter(Letter letter, ByteView content) {
    WCMP_TRY(random_->fill(letter.file));
    Bytes sealed(crypto::aead_nonce_bytes + content.size() + crypto::aead_tag_bytes);
    const MutableBytes all(sealed);
    const auto nonce = all.first(crypto::aead_nonce_bytes);
    WCMP_TRY(random_->fill(nonce));
    std::ranges::copy(content, all.begin() + crypto::aead_nonce_bytes);
    WCMP_TRY(crypto::aead_seal(profile_.mail_key.view(), nonce, letter.file, all.subspan(nonce.size())));
    WCMP_TRY(write_durably(*letters_, to_hex(letter.file), sealed));
    WCMP_TRY(letters_->sync());

    letter.number = profile_.next_number++;
    profile_.letters.push_back(std::move(letter));
    return &profile_.letters.back();
}

Result<Bytes> Vault::content(const Letter& letter) const {
    const auto file = letters_->open(to_hex(letter.file));
    if (!file) {
        if (file.error().code == Errc::not_found)
            return fail(Errc::wrong_hash, "the letter's file is missing");
        return std::unexpected(file.error());
    }
    WCMP_ASSIGN(auto bytes, read_all(**file, letter_bytes_max));
    if (bytes.size() < crypto::aead_nonce_bytes + crypto::aead_tag_bytes)
        return fail(Errc::wrong_hash, "the letter's file is cut off");
    const MutableBytes all(bytes);
    const auto nonce = all.first(crypto::aead_nonce_bytes);
    const auto text = all.subspan(nonce.size());
    if (!crypto::aead_open(profile_.mail_key.view(), nonce, letter.file, text))
        return fail(Errc::wrong_hash, "the letter's file was altered");
    return Bytes(text.begin(), text.end() - crypto::aead_tag_bytes);
}

void Vault::remove_letter(std::uint32_t number) {
    const auto found = std::ranges::find(profile_.letters, number, &Letter::number);
    if (found == profile_.letters.end()) return;
    removed_.push_back(found->file);
    profile_.letters.erase(found);
}

// Files of letters that no saved vault knows: a crash came between the two.
Result<void> Vault::remove_orphans() {
    std::vector<std::string> known;
    known.reserve(profile_.letters.size());
    for (const auto& letter : profile_.letters) known.push_back(to_hex(letter.file));
    std::ranges::sort(known);
    std::vector<std::string> orphans;
    WCMP_TRY(letters_->list([&](std::string_view name) {
        constexpr std::size_t name_chars = 32;
        if (name.size() == name_chars && !std::ranges::binary_search(known, name)) orphans.emplace_back(name);
    }));
    for (const auto& name : orphans) WCMP_TRY(unlink_if_there(*letters_, name));
    return {};
}

}  // namespace wcmp::client
