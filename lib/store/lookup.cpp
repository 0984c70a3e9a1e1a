// Messages by id: by search in the mapped indexes, and in what is not folded yet.
#include "store/store.h"

namespace wcmp::store {
namespace {

Result<Bytes> read_from(const bundle::Reader& bundle, const MessageId& id, const message::Today& today) {
    WCMP_ASSIGN(const auto entry, bundle.find(id));
    WCMP_TRY(message::check_day(entry.key.day, today));
    message::Identifier identifier;
    Bytes buffer;
    WCMP_ASSIGN(const auto message, bundle.read_message(entry, identifier, buffer));
    if (message.bytes.data() == buffer.data()) {
        buffer.resize(message.bytes.size());
        return buffer;
    }
    return Bytes(message.bytes.begin(), message.bytes.end());
}

}  // namespace

// The journal first: what leaves it is in the snapshot that is taken afterwards. A record that is being
// overwritten meanwhile does not hash to its id, and is found in a bundle.
Result<Bytes> Store::read(const MessageId& id, const message::Today& today) const {
    if (auto waiting = journal_->read(id)) {
        if (!message::check_day(waiting->first.day, today))
            return fail(Errc::not_found, "the message is dead");
        if (message::message_id(waiting->second) == id) return std::move(waiting->second);
    }
    const auto current = snapshot();
    for (const auto& bundle : current->bundles) {
        if (auto found = read_from(*bundle, id, today)) return found;
    }
    return fail(Errc::not_found, "no such message");
}

Result<std::uint64_t> Store::length_of(const MessageId& id, const message::Today& today) const {
    WCMP_ASSIGN(const auto message, read(id, today));
    return message.size();
}

bool Store::is_durable_in_bundle(const MessageKey& key) const {
    const auto current = snapshot();
    for (const auto& bundle : current->bundles) {
        {
            const std::scoped_lock lock(mutex_);
            if (!durable_.contains(bundle->name())) continue;
        }
        const auto entry = bundle->find(key);
        message::Identifier identifier;
        Bytes buffer;
        if (entry && bundle->read_message(*entry, identifier, buffer)) return true;
    }
    return false;
}

}  // namespace wcmp::store
