#include "client/remote_store.h"

#include "bundle/reader.h"
#include "client/remote_file.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace wcmp::client {
namespace {

namespace json = boost::json;

struct Listed {
    std::string text;
    bundle::Name name;
    std::uint64_t bytes = 0;
};

Result<Listed> read_listed(const json::value& value) {
    const auto wrong = [] { return fail(Errc::remote, "the relay's list of bundles is not of its form"); };
    const auto* const object = value.if_object();
    if (object == nullptr) return wrong();
    const auto* const name = object->if_contains("name");
    const auto* const bytes = object->if_contains("bytes");
    if (name == nullptr || !name->is_string() || bytes == nullptr) return wrong();
    boost::system::error_code error;
    const auto size = bytes->to_number<std::uint64_t>(error);
    const auto& text = name->get_string();
    const auto parsed = bundle::parse_name(std::string_view(text.data(), text.size()));
    if (error || !parsed) return wrong();
    return Listed{.text = bundle::to_string(*parsed), .name = *parsed, .bytes = size};
}

}  // namespace

Result<void> RemoteStore::open(Day floor) {
    WCMP_TRY(relay_.fold());
    WCMP_ASSIGN(const auto list, relay_.get("/v1/bundles"));
    if (!list.is_array()) return fail(Errc::remote, "the relay's list of bundles is not a list");
    bundles_.clear();
    for (const auto& value : list.get_array()) {
        WCMP_ASSIGN(const auto listed, read_listed(value));
        if (listed.name.last <= floor) continue;
        auto reader = bundle::Reader::open(std::make_unique<RemoteFile>(relay_, listed.text, listed.bytes),
                                           listed.name);
        if (!reader && reader.error().code == Errc::bundle)
            continue;  // it gives nothing; what it holds is imported once more
        if (!reader) return std::unexpected(reader.error());
        bundles_.push_back(std::move(*reader));
    }
    return {};
}

Result<bundle::CommitResult> RemoteStore::import(std::span<const bundle::Item> items,
                                                 bundle::MessageSource& source,
                                                 const bundle::CommitOptions& options) {
    if (relay_is_full_) return fail(Errc::no_space, "the relay has no room");
    WCMP_ASSIGN(auto made, make_piece(items, source, options));
    for (const auto& name : made.files) {
        const auto sent = send(name);
        WCMP_TRY(pieces_->unlink(bundle::to_string(name)));
        WCMP_TRY(sent);
    }
    return made;
}

// Only the place for pieces is written here: these errors are its own.
Result<bundle::CommitResult> RemoteStore::make_piece(std::span<const bundle::Item> items,
                                                     bundle::MessageSource& source,
                                                     const bundle::CommitOptions& options) {
    auto here = options;
    here.on_file = {};  // a piece counts when it was sent
    auto made = bundle::commit(*pieces_, items, source, here);
    if (made) return made;
    const auto code = made.error().code;
    if (code == Errc::no_space || code == Errc::read_only || code == Errc::denied)
        piece_error_ = made.error();
    return made;
}

void RemoteStore::count(const Uploaded& uploaded) {
    uploaded_.imported += uploaded.imported;
    uploaded_.known += uploaded.known;
    for (const auto& [rule, number] : uploaded.refused) uploaded_.refused[rule] += number;
    for (const auto& [error, number] : uploaded.invalid) uploaded_.invalid[error] += number;
    relay_is_full_ = relay_is_full_ || uploaded.refused.contains("store_full") ||
                     uploaded.refused.contains("import_share");
}

Result<void> RemoteStore::send(const bundle::Name& name) {
    WCMP_ASSIGN(const auto file, pieces_->open(bundle::to_string(name)));
    WCMP_ASSIGN(const auto status, file->status());
    WCMP_ASSIGN(const auto mapped, file->map(0, static_cast<std::size_t>(status.size)));
    const auto uploaded = relay_.upload(mapped->bytes());
    if (uploaded) count(*uploaded);
    if (!uploaded && uploaded.error().code == Errc::no_space) relay_is_full_ = true;
    WCMP_TRY(uploaded);
    return {};
}

// The upload's answer has made it durable and known.
Result<void> RemoteStore::publish(std::span<const bundle::Name> /*added*/,
                                  std::span<const bundle::Name> /*covered*/,
                                  std::span<const MessageKey> /*arrived*/) {
    return {};
}

}  // namespace wcmp::client
