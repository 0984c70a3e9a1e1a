#include "node/recognition_scan.h"

#include "core/writer.h"
#include "node/index_scan.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace wcmp::node {

namespace {

constexpr std::uint8_t slot_exp_unknown = 255;
constexpr std::uint16_t record_bytes_unknown = 42;
constexpr std::uint16_t record_bytes_fixed = 106;

void append_record(Bytes& out, const bundle::Entry& entry, const store::Recognition& seen) {
    const auto known = seen.slot_exp != slot_exp_unknown;
    Writer writer(out);
    writer.u16(
        static_cast<std::uint16_t>(known ? record_bytes_fixed + seen.to_tags.size() : record_bytes_unknown));
    writer.u8(seen.suite);
    writer.u8(seen.slot_exp);
    writer.u32(entry.key.day.number);
    writer.u32(entry.length);
    writer.bytes(entry.key.id.view());
    if (!known) return;
    writer.bytes(seen.digest.view());
    writer.bytes(seen.nonce1.view());
    writer.bytes(seen.from_tag.view());
    writer.bytes(seen.to_tags);
}

// Gathers records of one request; keeps the sidecars that it needed open meanwhile.
class Gathering {
public:
    explicit Gathering(const RecognitionRequest& request)
        : request_(request),
          sidecars_(request.snapshot->bundles.size()),
          failed_(request.snapshot->bundles.size()) {}

    bool full() const {
        return out.count >= request_.records_max || out.records.size() >= recognition_part_bytes;
    }

    bool wanted(const MessageKey& key) const {
        return key.day.number >= request_.range.from && key.day.number < request_.range.to &&
               message::check_day(key.day, request_.today).has_value();
    }

    // False when this copy's sidecar cannot be had: another copy may have one. It is tried once: to make one
    // is to read the whole bundle.
    bool add(std::uint32_t bundle, std::uint32_t position, const bundle::Entry& entry) {
        if (failed_[bundle]) return false;
        auto added = try_to_add(bundle, position, entry);
        // A sidecar that the medium does not give any more is opened anew, and made anew by that.
        if (!added && std::exchange(sidecars_[bundle], nullptr)) added = try_to_add(bundle, position, entry);
        if (!added) leave(bundle, added.error());
        return added.has_value();
    }

    // Not to be tried again.
    void leave(std::uint32_t bundle, const Error& error) {
        failed_[bundle] = true;
        if (error.code == Errc::bundle || error.os_error == EIO)
            out.damaged.push_back(request_.snapshot->bundles[bundle]->name());
    }
    bool has_left(std::uint32_t bundle) const { return failed_[bundle]; }

    RecognitionRecords out;

private:
    Result<void> try_to_add(std::uint32_t bundle, std::uint32_t position, const bundle::Entry& entry) {
        auto& sidecar = sidecars_[bundle];
        if (!sidecar) {
            WCMP_ASSIGN(sidecar, request_.open_sidecar(request_.snapshot->bundles[bundle]));
        }
        WCMP_ASSIGN(const auto seen, sidecar->at(position));
        append_record(out.records, entry, seen);
        ++out.count;
        out.last = entry.key;
        return {};
    }

    const RecognitionRequest& request_;
    std::vector<std::shared_ptr<const store::Sidecar>> sidecars_;
    std::vector<bool> failed_;
};

// False: it is not in this bundle, or cannot be had from it.
Result<bool> add_from(Gathering& gathering, const bundle::Reader& bundle, std::uint32_t place,
                      const MessageKey& key) {
    if (key.day < bundle.name().first || key.day > bundle.name().last) return false;
    WCMP_ASSIGN(const auto position, lower_bound(bundle, key));
    if (position >= bundle.header().messages) return false;
    bundle::Entry entry;
    WCMP_TRY(bundle.read_entries(position, std::span(&entry, 1)));
    return entry.key == key && gathering.add(place, position, entry);
}

void add_arrival(Gathering& gathering, const store::Snapshot& snapshot, const MessageKey& key) {
    for (std::uint32_t i = 0; i < snapshot.bundles.size(); ++i) {
        if (gathering.has_left(i)) continue;
        const auto added = add_from(gathering, *snapshot.bundles[i], i, key);
        if (!added) gathering.leave(i, added.error());
        if (added && *added) return;
    }
}

}  // namespace

RecognitionRecords scan_records(const RecognitionRequest& request, const std::optional<MessageKey>& after) {
    const auto first_day = std::max(request.range.from, request.today.floor.number + 1);
    const auto from = std::max(after.value_or(MessageKey{}), MessageKey{Day{first_day}, {}});
    IndexScan scan(request.snapshot->bundles, from);
    Gathering gathering(request);
    auto last = after;
    while (!gathering.full()) {
        const auto place = scan.next();
        if (!place || place->entry.key.day.number >= request.range.to) {
            gathering.out.ended = true;
            break;
        }
        const auto& key = place->entry.key;
        if (key == last || !gathering.wanted(key)) continue;
        if (gathering.add(place->bundle, place->position, place->entry)) last = key;
    }
    for (const auto& [bundle, error] : scan.failed()) gathering.leave(bundle, error);
    return std::move(gathering.out);
}

RecognitionRecords arrival_records(const RecognitionRequest& request, std::span<const MessageKey> arrivals) {
    Gathering gathering(request);
    for (const auto& key : arrivals) {
        if (gathering.full()) break;
        ++gathering.out.looked_at;
        if (gathering.wanted(key)) add_arrival(gathering, *request.snapshot, key);
    }
    gathering.out.ended = gathering.out.looked_at == arrivals.size();
    return std::move(gathering.out);
}

}  // namespace wcmp::node
