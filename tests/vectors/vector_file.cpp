#include "vectors/vector_file.h"

#include "core/hex.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <boost/json.hpp>

namespace wcmp::vectors {
namespace {

using boost::json::object;
using boost::json::value;

std::string text(const value& v) {
    return std::string(v.as_string());
}

Bytes bytes(const value& v) {
    auto result = from_hex(text(v));
    if (!result) throw std::runtime_error("a vector holds bad hexadecimal digits");
    return std::move(*result);
}

std::optional<Bytes> bytes_or_none(const value& v) {
    if (v.is_null()) return std::nullopt;
    return bytes(v);
}

template <class Number>
Number number(const value& v) {
    return v.to_number<Number>();
}

template <class Read>
auto list(const value& v, Read read) {
    std::vector<decltype(read(v))> result;
    for (const auto& entry : v.as_array()) result.push_back(read(entry));
    return result;
}

std::vector<Bytes> byte_list(const value& v) {
    return list(v, bytes);
}

// Fields that only some entries of a section have.
Bytes bytes_if_there(const object& o, const char* name) {
    const auto* found = o.if_contains(name);
    return found ? bytes(*found) : Bytes{};
}

std::vector<Bytes> byte_list_if_there(const object& o, const char* name) {
    const auto* found = o.if_contains(name);
    return found ? byte_list(*found) : std::vector<Bytes>{};
}

HpkeVector hpke(const value& v) {
    return {
        .source = text(v.at("source")),
        .info = bytes(v.at("info")),
        .ephemeral_secret = bytes(v.at("skEm")),
        .enc = bytes(v.at("enc")),
        .receiver_public = bytes(v.at("pkRm")),
        .receiver_secret = bytes(v.at("skRm")),
        .shared_secret = bytes(v.at("shared_secret")),
        .key = bytes(v.at("key")),
        .base_nonce = bytes(v.at("base_nonce")),
        .aad = bytes(v.at("aad")),
        .plaintext = bytes(v.at("pt")),
        .ciphertext = bytes(v.at("ct")),
    };
}

SlotDraws slot_draws(const value& v) {
    const auto& o = v.as_object();
    SlotDraws result{.receiver = {},
                     .throwaway_secret = bytes_if_there(o, "throwaway_sk"),
                     .ephemeral_secret = bytes(v.at("eph_sk")),
                     .to_tag = bytes_if_there(o, "to_tag")};
    if (const auto* receiver = o.if_contains("receiver")) result.receiver = bytes(*receiver);
    return result;
}

// A long content is given as one byte and how often it stands.
Bytes content(const object& o) {
    if (const auto* repeated = o.if_contains("content_byte"))
        return Bytes(number<std::size_t>(o.at("content_len")), bytes(*repeated).at(0));
    return bytes(o.at("content"));
}

std::optional<SealVector> seal(const value& v) {
    if (v.is_null()) return std::nullopt;
    return SealVector{
        .sender_secret = bytes(v.at("sender_sk")),
        .receivers = byte_list(v.at("receivers")),
        .expires = number<std::uint32_t>(v.at("expires")),
        .body_exp = number<unsigned>(v.at("body_exp")),
        .slot_exp = number<unsigned>(v.at("slot_exp")),
        .nonce1 = bytes(v.at("nonce1")),
        .message_key = bytes(v.at("K")),
        .slots = list(v.at("slots"), slot_draws),
        .body_key = bytes(v.at("body_key")),
        .nonce2 = bytes(v.at("nonce2")),
        .mask = bytes(v.at("mask")),
        .digest = bytes(v.at("digest")),
        .signature = bytes(v.at("signature")),
        .content = content(v.as_object()),
    };
}

OpenVector open(const value& v) {
    return {
        .secrets = byte_list(v.at("secrets")),
        .contacts = byte_list(v.at("contacts")),
        .today = number<std::uint32_t>(v.at("today")),
        .content = bytes_or_none(v.at("content")),
        .content_sha256 = bytes(v.at("content_sha256")),
        .sender = bytes_or_none(v.at("sender")),
        .slot = number<unsigned>(v.at("slot")),
    };
}

PositiveVector positive(const value& v) {
    return {
        .name = text(v.at("name")),
        .seal = seal(v.at("seal")),
        .message = bytes_or_none(v.at("message")),
        .id = bytes(v.at("expect").at("id")),
        .length = number<std::size_t>(v.at("expect").at("length")),
        .open = list(v.at("open"), open),
    };
}

RelayVector relay(const value& v) {
    return {text(v.at("name")), bytes(v.at("message")), number<std::uint32_t>(v.at("today"))};
}

NegativeVector negative(const value& v) {
    const auto& o = v.as_object();
    NegativeVector result{
        .name = text(v.at("name")),
        .op = text(v.at("op")),
        .expect = text(v.at("expect")),
        .message = bytes_if_there(o, "message"),
        .secrets = byte_list_if_there(o, "secrets"),
        .contacts = byte_list_if_there(o, "contacts"),
        .public_key = bytes_if_there(o, "public_key"),
        .data = bytes_if_there(o, "data"),
        .file_name = {},
    };
    if (const auto* today = o.if_contains("today")) result.today = number<std::uint32_t>(*today);
    if (const auto* file_name = o.if_contains("file_name"); file_name && !file_name->is_null())
        result.file_name = text(*file_name);
    return result;
}

SequenceVector sequence(const value& v) {
    return {
        .name = text(v.at("name")),
        .messages = byte_list(v.at("messages")),
        .secrets = byte_list(v.at("secrets")),
        .contacts = byte_list(v.at("contacts")),
        .today = number<std::uint32_t>(v.at("today")),
        .expect = list(v.at("expect"), text),
    };
}

BundleVector bundle(const value& v) {
    return {text(v.at("name")), byte_list(v.at("messages")), text(v.at("name_out")), bytes(v.at("data"))};
}

DamagedBundleVector damaged_bundle(const value& v) {
    return {text(v.at("name")), text(v.at("file_name")), bytes(v.at("data")), byte_list(v.at("good_ids"))};
}

SalvageVector salvaged(const value& v) {
    return {text(v.at("name")), bytes(v.at("data")), text(v.at("damage")), byte_list(v.at("saved_ids"))};
}

template <class Read>
auto section(const value& file, const char* name, Read read) {
    auto result = list(file.at(name), read);
    if (result.empty()) throw std::runtime_error(std::string("the vectors have no entry in ") + name);
    return result;
}

std::map<std::string, KeyPair> key_pairs(const value& v) {
    std::map<std::string, KeyPair> result;
    for (const auto& [name, pair] : v.as_object())
        result[name] = KeyPair{bytes(pair.at("secret")), bytes(pair.at("public"))};
    if (result.empty()) throw std::runtime_error("the vectors have no keys");
    return result;
}

value parsed(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot read the vectors at " + path);
    std::ostringstream whole;
    whole << file.rdbuf();
    auto result = boost::json::parse(whole.str());
    if (text(result.at("format")) != "wcmp-vectors-1" || number<int>(result.at("suite")) != 1)
        throw std::runtime_error("not vectors of suite 1: " + path);
    return result;
}

std::vector<VectorFile> load_all() {
    std::vector<VectorFile> result;
    result.push_back(load(WCMP_TEST_DATA "/vectors/vectors.json"));
    if (const char* other = std::getenv("WCMP_VECTORS")) result.push_back(load(other));
    return result;
}

}  // namespace

Bytes SealVector::draws() const {
    Bytes result = nonce1;
    const auto append = [&result](const Bytes& more) {
        result.insert(result.end(), more.begin(), more.end());
    };
    append(message_key);
    for (const auto& slot : slots) {
        append(slot.throwaway_secret);
        append(slot.ephemeral_secret);
        append(slot.to_tag);
    }
    return result;
}

void PrintTo(const VectorFile& file, std::ostream* output) {
    *output << std::filesystem::path(file.path).stem().string();
}

VectorFile load(const std::string& path) {
    const auto file = parsed(path);
    return {
        .path = path,
        .keys = key_pairs(file.at("keys")),
        .hpke = section(file, "hpke", hpke),
        .positive = section(file, "positive", positive),
        .relay_accepts = section(file, "relay_accepts", relay),
        .negative = section(file, "negative", negative),
        .sequences = section(file, "sequences", sequence),
        .bundles = section(file, "bundles", bundle),
        .damaged_bundles = section(file, "damaged_bundles", damaged_bundle),
        .salvage = section(file, "salvage", salvaged),
    };
}

const std::vector<VectorFile>& all() {
    static const std::vector<VectorFile> files = load_all();
    return files;
}

}  // namespace wcmp::vectors
