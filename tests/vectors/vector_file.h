// The test vectors of the formats as values: what lib/message/FORMAT.md, section 13, says vectors.json holds.
// Any file of the same form can be read; loading throws std::runtime_error when it is not of that form or a
// section is missing or empty, so that no test passes because there was nothing to test.
#pragma once

#include "core/bytes.h"

#include <cstdint>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace wcmp::vectors {

struct KeyPair {
    Bytes secret_key;
    Bytes public_key;
};

// RFC 9180, one encryption with sequence number 0.
struct HpkeVector {
    std::string source;
    Bytes info, ephemeral_secret, enc, receiver_public, receiver_secret;
    Bytes shared_secret, key, base_nonce, aad, plaintext, ciphertext;
};

// One slot in the order in which it was drawn: of a receiver, or a dummy.
struct SlotDraws {
    std::optional<Bytes> receiver;  // none: a dummy
    Bytes throwaway_secret;         // of a dummy, else empty
    Bytes ephemeral_secret;
    Bytes to_tag;  // of a dummy, else empty
};

struct SealVector {
    Bytes sender_secret;
    std::vector<Bytes> receivers;
    std::uint32_t expires = 0;
    unsigned body_exp = 0;
    unsigned slot_exp = 0;
    Bytes nonce1;
    Bytes message_key;  // K
    std::vector<SlotDraws> slots;
    Bytes body_key, nonce2, mask, digest, signature;
    Bytes content;

    // All random bytes in the order in which a sender draws them.
    Bytes draws() const;
};

struct OpenVector {
    std::vector<Bytes> secrets, contacts;
    std::uint32_t today = 0;
    std::optional<Bytes> content;  // none: compare the hash
    Bytes content_sha256;
    std::optional<Bytes> sender;
    unsigned slot = 0;
};

struct PositiveVector {
    std::string name;
    std::optional<SealVector> seal;
    std::optional<Bytes> message;  // none: compare the id after sealing
    Bytes id;
    std::size_t length = 0;
    std::vector<OpenVector> open;
};

struct RelayVector {
    std::string name;
    Bytes message;
    std::uint32_t today = 0;
};

struct NegativeVector {
    std::string name;
    std::string op;      // relay_check, open, public_key or bundle
    std::string expect;  // the class, "E_SIZE"
    Bytes message;       // relay_check, open
    std::uint32_t today = 0;
    std::vector<Bytes> secrets, contacts;  // open
    Bytes public_key;                      // public_key
    Bytes data;                            // bundle
    std::optional<std::string> file_name;  // bundle; none: the name is not compared
};

struct SequenceVector {
    std::string name;
    std::vector<Bytes> messages, secrets, contacts;
    std::uint32_t today = 0;
    std::vector<std::string> expect;  // "ok" or a class, one for each message
};

struct BundleVector {
    std::string name;
    std::vector<Bytes> messages;
    std::string file_name;
    Bytes data;
};

struct DamagedBundleVector {
    std::string name;
    std::string file_name;
    Bytes data;
    std::vector<Bytes> good_ids;
};

struct SalvageVector {
    std::string name;
    Bytes data;
    std::string damage;
    std::vector<Bytes> saved_ids;
};

struct VectorFile {
    std::string path;
    std::map<std::string, KeyPair> keys;
    std::vector<HpkeVector> hpke;
    std::vector<PositiveVector> positive;
    std::vector<RelayVector> relay_accepts;
    std::vector<NegativeVector> negative;
    std::vector<SequenceVector> sequences;
    std::vector<BundleVector> bundles;
    std::vector<DamagedBundleVector> damaged_bundles;
    std::vector<SalvageVector> salvage;
};

// How GoogleTest names a file among its parameters.
void PrintTo(const VectorFile& file, std::ostream* output);

VectorFile load(const std::string& path);

// The published file, and the one that the environment variable WCMP_VECTORS names, if it is set. Loaded
// once.
const std::vector<VectorFile>& all();

}  // namespace wcmp::vectors
