#include "bundle/read_ahead.h"
#include "bundle/selection.h"

#include <algorithm>

namespace wcmp::bundle {
namespace {

constexpr std::uint32_t none = ~std::uint32_t{0};

// Bytes between two wanted messages that are cheaper read than skipped.
constexpr std::uint64_t gap_bytes_max = 16384;

Run run_of(const Entry& entry) {
    return {.begin = entry.offset, .end = std::uint64_t{entry.offset} + entry.length};
}

class CopySource final : public MessageSource {
public:
    CopySource(std::span<const SelectedEntries> selection, const PieceItems& items, std::size_t buffer_bytes);

    Result<Reader::Message> fetch(std::size_t index, const Item& item) override;

private:
    void link_first_copies();
    Run run_from(std::uint32_t copy) const;
    Result<ByteView> bytes_of(std::uint32_t copy);
    Result<ByteView> read_alone(const Copy& copy);
    Result<Reader::Message> try_copy(std::uint32_t copy);

    std::span<const SelectedEntries> selection_;
    const PieceItems& items_;
    std::vector<std::uint32_t> next_;  // by copy: the next first copy of an item in the same source
    std::vector<ReadAhead> sources_;
    Bytes alone_;
    message::Identifier identifier_;
};

CopySource::CopySource(std::span<const SelectedEntries> selection, const PieceItems& items,
                       std::size_t buffer_bytes)
    : selection_(selection), items_(items), next_(items.copies.size(), none) {
    link_first_copies();
    std::vector<bool> used(selection.size());
    for (const auto& copy : items.copies) used[copy.source] = true;
    const auto count = static_cast<std::size_t>(std::ranges::count(used, true));
    const auto share = buffer_bytes / std::max<std::size_t>(1, count);
    for (const auto& selected : selection)
        sources_.emplace_back(*selected.reader(), std::min(share, limits::drive_read_bytes));
}

// Only first copies are read ahead: the others are needed when one is bad.
void CopySource::link_first_copies() {
    std::vector<std::uint32_t> last(selection_.size(), none);
    for (std::size_t item = items_.items.size(); item-- > 0;) {
        const auto copy = items_.first_copy[item];
        auto& behind = last[items_.copies[copy].source];
        next_[copy] = behind;
        behind = copy;
    }
}

// From a copy as far as the wanted messages behind it stand close, within the window.
Run CopySource::run_from(std::uint32_t copy) const {
    const auto source = items_.copies[copy].source;
    Run run = run_of(items_.copies[copy].entry);
    for (auto next = next_[copy]; next != none; next = next_[next]) {
        const Run following = run_of(items_.copies[next].entry);
        if (following.begin - run.end > gap_bytes_max) break;
        if (following.end - run.begin > sources_[source].window_bytes()) break;
        run.end = following.end;
    }
    return run;
}

Result<ByteView> CopySource::read_alone(const Copy& copy) {
    alone_.resize(copy.entry.length);
    WCMP_TRY(read_run(*selection_[copy.source].reader(), copy.entry.offset, alone_));
    return ByteView(alone_);
}

// A large reading that fails is tried again for this message alone: the fault may be behind it.
Result<ByteView> CopySource::bytes_of(std::uint32_t copy_index) {
    const Copy& copy = items_.copies[copy_index];
    auto& source = sources_[copy.source];
    const Run wanted = run_of(copy.entry);
    if (source.holds(wanted)) return source.view(wanted);
    const Run run = run_from(copy_index);
    if (run.end - run.begin > source.window_bytes() || !source.load(run)) return read_alone(copy);
    return source.view(wanted);
}

Result<Reader::Message> CopySource::try_copy(std::uint32_t copy) {
    WCMP_ASSIGN(const ByteView bytes, bytes_of(copy));
    WCMP_ASSIGN(const Digest digest, verify_message(bytes, items_.copies[copy].entry.key, identifier_));
    return Reader::Message{.bytes = bytes, .digest = digest};
}

// A copy that claims another length than the item's cannot take its place in the file. The medium's error
// counts for more than a bad copy: the message may be good.
Result<Reader::Message> CopySource::fetch(std::size_t index, const Item& item) {
    if (index >= items_.items.size() || items_.items[index].key != item.key)
        return fail(Errc::invalid, "not an item of this source");
    Error bad{Errc::wrong_hash, "no copy of a message has its length"};
    std::optional<Error> medium;
    for (auto copy = items_.first_copy[index]; copy < items_.first_copy[index + 1]; ++copy) {
        if (items_.copies[copy].entry.length != item.length) continue;
        auto message = try_copy(copy);
        if (message) return message;
        const Error& error = message.error();
        if (is_format_class(error.code) || error.code == Errc::wrong_hash)
            bad = error;
        else
            medium = error;
    }
    return std::unexpected(medium.value_or(bad));
}

}  // namespace

std::unique_ptr<MessageSource> copy_source(std::span<const SelectedEntries> selection,
                                           const PieceItems& items, std::size_t buffer_bytes) {
    return std::make_unique<CopySource>(selection, items, buffer_bytes);
}

}  // namespace wcmp::bundle
