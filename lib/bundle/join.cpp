#include "bundle/join.h"

#include "bundle/entry_codec.h"
#include "bundle/index_cursor.h"

#include <algorithm>
#include <cerrno>
#include <map>
#include <utility>

namespace wcmp::bundle {
namespace {

constexpr std::size_t source_buffer_min = 4096;

// Below this a thread costs as much as it saves.
constexpr std::uint64_t hashed_behind_bytes_min = std::uint64_t{4} << 20;

// The start of a source's next key: enough for nearly every comparison, and close together in memory.
struct Head {
    std::uint32_t day = 0;
    std::uint32_t source = 0;
    std::uint64_t prefix = 0;
};

bool is_worth_a_thread(std::span<const std::shared_ptr<const Reader>> sources) {
    std::uint64_t bytes = 0;
    for (const auto& source : sources) bytes += source->header().messages * limits::bundle_entry_bytes;
    return bytes >= hashed_behind_bytes_min;
}

std::size_t share_of(std::span<const std::shared_ptr<const Reader>> sources, std::size_t buffer_bytes) {
    const auto readers = std::ranges::count_if(sources, [](const auto& s) { return !s->is_mapped(); });
    const auto share = buffer_bytes / std::max<std::size_t>(1, static_cast<std::size_t>(readers));
    return std::clamp(share, source_buffer_min, limits::drive_read_bytes);
}

}  // namespace

// A binary heap of heads; its root stays in place and is replaced, which costs one sinking an entry. Of two
// sources that are twins the second has no head: what the cursor of the first does is for both, until they
// part.
struct Join::State {
    std::vector<IndexCursor> cursors;
    std::vector<std::uint32_t> walkers;  // by source: whose cursor walks its index
    std::vector<std::uint32_t> twins;    // by source that walks: for whom else, or itself
    std::vector<Head> heap;
    std::vector<Copy> group;  // as many as sources: the first group_size are in use
    std::size_t group_size = 0;
    std::vector<std::uint32_t> bad;
    std::vector<std::uint32_t> unreadable;
    std::optional<Error> error;
    std::optional<HashBehind> behind;  // goes before the cursors, whose bytes it hashes
    bool started = false;

    State(std::span<const std::shared_ptr<const Reader>> sources, std::size_t buffer_bytes);
    void pair(std::span<const std::shared_ptr<const Reader>> sources);
    void start();
    void order();
    void take_group();
    void add_copies(std::uint32_t source);
    bool is_next_at(const Head& head) const;
    void advance_root();
    void part(std::uint32_t source);
    bool step(std::uint32_t source);
    void note_failed(std::uint32_t source);
    Head head_of(std::uint32_t source) const;
    bool less(const Head& a, const Head& b) const;
    void sink(std::size_t at);
};

Join::State::State(std::span<const std::shared_ptr<const Reader>> sources, std::size_t buffer_bytes) {
    const auto share = share_of(sources, buffer_bytes);
    cursors.reserve(sources.size());
    if (is_worth_a_thread(sources)) behind.emplace();
    for (const auto& source : sources) cursors.emplace_back(source, share, behind ? &*behind : nullptr);
    heap.reserve(sources.size());
    group.resize(sources.size());
    for (std::uint32_t source = 0; source < sources.size(); ++source) {
        walkers.push_back(source);
        twins.push_back(source);
    }
    pair(sources);
}

// Whoever is read walks, so that what is checked and used is a copy that nobody changes.
void Join::State::pair(std::span<const std::shared_ptr<const Reader>> sources) {
    std::map<IndexHash, std::uint32_t> alone;
    for (std::uint32_t source = 0; source < sources.size(); ++source) {
        const auto [found, is_first] = alone.try_emplace(sources[source]->header().index_hash, source);
        if (is_first || !may_be_twins(*sources[found->second], *sources[source])) continue;
        auto walker = found->second;
        auto twin = source;
        alone.erase(found);
        if (sources[walker]->is_mapped()) std::swap(walker, twin);
        walkers[twin] = walker;
        twins[walker] = twin;
        cursors[walker].read_along(sources[twin]);
    }
}

// True when the source has a next entry.
bool Join::State::step(std::uint32_t source) {
    const auto done = cursors[source].advance();
    if (done == IndexCursor::Step::failed) [[unlikely]]
        note_failed(source);
    return done == IndexCursor::Step::entry;
}

// An index that is wrong, or cannot be read in one place, ends its source; other errors are the whole
// medium's.
void Join::State::note_failed(std::uint32_t source) {
    const auto& cursor = cursors[source];
    if (cursor.error().code == Errc::bundle) {
        bad.push_back(source);
        if (cursor.has_twin()) bad.push_back(twins[source]);
    } else if (cursor.error().os_error == EIO) {
        unreadable.push_back(source);
    } else {
        error = cursor.error();
    }
}

Head Join::State::head_of(std::uint32_t source) const {
    const auto& cursor = cursors[source];
    return {.day = cursor.day().number, .source = source, .prefix = id_prefix(cursor.id())};
}

bool Join::State::less(const Head& a, const Head& b) const {
    if (a.day != b.day) return a.day < b.day;
    if (a.prefix != b.prefix) return a.prefix < b.prefix;
    const int order = compare_ids(cursors[a.source].id(), cursors[b.source].id());
    return order != 0 ? order < 0 : a.source < b.source;
}

void Join::State::sink(std::size_t at) {
    const Head moving = heap[at];
    while (true) {
        std::size_t child = 2 * at + 1;
        if (child >= heap.size()) break;
        if (child + 1 < heap.size() && less(heap[child + 1], heap[child])) ++child;
        if (!less(heap[child], moving)) break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = moving;
}

void Join::State::start() {
    started = true;
    for (std::uint32_t source = 0; source < cursors.size() && !error; ++source)
        if (walkers[source] == source && step(source)) heap.push_back(head_of(source));
    order();
    for (std::uint32_t source = 0; source < cursors.size() && !error; ++source)
        if (cursors[source].has_parted()) part(source);
}

void Join::State::order() {
    for (std::size_t at = heap.size() / 2; at-- > 0;) sink(at);
}

void Join::State::take_group() {
    const Head first = heap.front();
    std::size_t heads = 0;
    do {
        add_copies(heap.front().source);
        ++heads;
        advance_root();
    } while (!error && is_next_at(first));
    if (heads > 1 && group_size > heads)
        std::ranges::sort(std::span(group).first(group_size), {}, &Copy::source);
}

void Join::State::add_copies(std::uint32_t source) {
    const auto& cursor = cursors[source];
    const auto add = [&](std::uint32_t of) {
        auto& copy = group[group_size++];
        copy.source = of;
        copy.position = cursor.position();
        cursor.decode(copy.entry);
    };
    if (!cursor.has_twin()) return add(source);
    add(std::min(source, twins[source]));
    add(std::max(source, twins[source]));
}

// Whether the group that began with a head goes on.
bool Join::State::is_next_at(const Head& head) const {
    if (heap.empty()) return false;
    const auto& next = heap.front();
    return next.prefix == head.prefix && next.day == head.day &&
           compare_ids(cursors[next.source].id(), group.front().entry.key.id.bytes.data()) == 0;
}

void Join::State::advance_root() {
    const auto source = heap.front().source;
    if (step(source)) {
        heap.front() = head_of(source);
    } else {
        heap.front() = heap.back();
        heap.pop_back();
    }
    if (!heap.empty()) sink(0);
    if (cursors[source].has_parted() && !error) [[unlikely]]
        part(source);
}

// Where a source and its twin are no longer the same, the twin goes on by itself.
void Join::State::part(std::uint32_t source) {
    const auto parted = cursors[source].take_parted();
    const auto twin = std::exchange(twins[source], source);
    walkers[twin] = twin;
    cursors[twin] = std::move(*parted);
    if (step(twin)) heap.push_back(head_of(twin));
    order();
}

Join::Join(std::span<const std::shared_ptr<const Reader>> sources, std::size_t buffer_bytes)
    : state_(new State(sources, buffer_bytes)) {}
Join::Join(Join&&) noexcept = default;
Join& Join::operator=(Join&&) noexcept = default;
Join::~Join() = default;

Result<std::span<const Copy>> Join::next() {
    State& state = *state_;
    if (!state.started) state.start();
    state.group_size = 0;
    if (!state.error && !state.heap.empty()) state.take_group();
    if (state.error) return std::unexpected(*state.error);
    return std::span<const Copy>(state.group).first(state.group_size);
}

std::span<const std::uint32_t> Join::bad_sources() const {
    return state_->bad;
}

std::shared_ptr<const IndexDigests> Join::digests(std::uint32_t source) const {
    return state_->cursors[state_->walkers[source]].digests();
}

std::span<const std::uint32_t> Join::unreadable_sources() const {
    return state_->unreadable;
}

}  // namespace wcmp::bundle
