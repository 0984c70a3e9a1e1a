// A person's folder: the vault with keys, contacts and the index of letters, and one file for each letter.
// All of it is readable with the passphrase only.
//
//     <home>/vault             one encrypted file, replaced as a whole
//     <home>/letters/<32 hex>  one letter each, under a key that is in the vault
#pragma once

#include "client/profile.h"
#include "client/sealed_file.h"
#include "io/file.h"

#include <filesystem>
#include <memory>

namespace wcmp::client {

class Vault {
public:
    // Errors: not_found (no vault there yet), busy (another wcmp works in this folder), and those of
    // open_vault(). A folder that may not be written can be read all the same.
    static Result<Vault> open(std::unique_ptr<io::Directory> home, std::string_view passphrase,
                              Random& random);

    // Errc::exists when there is one, or somebody else has just made one.
    static Result<Vault> create(std::unique_ptr<io::Directory> home, std::string_view passphrase,
                                const crypto::Argon2Cost& cost, Random& random);

    static Result<bool> exists(const io::Directory& home);

    Profile& profile() { return profile_; }
    const Profile& profile() const { return profile_; }

    // Makes the profile durable: write, fsync, rename, fsync of the folder.
    Result<void> save();

    // Writes a letter's file, durable, and adds it to the profile; save() makes that durable too.
    Result<Letter*> add_letter(Letter letter, ByteView content);
    // Errc::wrong_hash when the file is missing or altered.
    Result<Bytes> content(const Letter& letter) const;
    // Forgets a letter; its file goes after the next save().
    void remove_letter(std::uint32_t number);

private:
    Vault() = default;
    Result<void> prepare(std::unique_ptr<io::Directory> home, Random& random);
    Result<void> tidy();
    Result<void> remove_orphans();

    std::unique_ptr<io::Directory> home_;
    std::unique_ptr<io::Directory> letters_;
    std::unique_ptr<io::Lock> lock_;
    Random* random_ = nullptr;
    VaultKey key_;
    Profile profile_;
    std::vector<std::array<std::uint8_t, 16>> removed_;
};

}  // namespace wcmp::client
