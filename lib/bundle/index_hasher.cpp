#include "bundle/index_hasher.h"

#include "core/writer.h"

#include <algorithm>

namespace wcmp::bundle {

IndexHasher::IndexHasher(std::span<const DayCount> days) {
    Bytes table;
    table.reserve(days.size() * limits::bundle_day_bytes);
    Writer writer(table);
    for (const auto& day : days) {
        writer.u32(day.day.number);
        writer.u32(day.count);
    }
    hash_.update(table);
}

void IndexHasher::add(ByteView entries) {
    constexpr auto block_bytes = IndexDigests::entries_per_block * limits::bundle_entry_bytes;
    while (!entries.empty()) {
        if (in_block_ == 0) digests_->before.push_back(hash_.fork());
        const auto part = entries.first(std::min(entries.size(), block_bytes - in_block_));
        hash_.update(part);
        entries = entries.subspan(part.size());
        in_block_ = (in_block_ + part.size()) % block_bytes;
    }
}

std::unique_ptr<IndexHasher> IndexHasher::fork() const {
    std::unique_ptr<IndexHasher> other(new IndexHasher);
    other->hash_ = hash_.fork();
    for (const auto& before : digests_->before) other->digests_->before.push_back(before.fork());
    other->in_block_ = in_block_;
    return other;
}

HashBehind::HashBehind() : thread_([this](const std::stop_token& stop) { run(stop); }) {}

HashBehind::~HashBehind() = default;

void HashBehind::run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (changed_.wait(lock, stop, [this] { return !waiting_.empty(); })) {
        if (stop.stop_requested()) return;
        const auto job = waiting_.front();
        waiting_.pop_front();
        busy_ = job.hash;
        lock.unlock();
        job.hash->add(job.entries);
        lock.lock();
        busy_ = nullptr;
        changed_.notify_all();
    }
}

void HashBehind::add(IndexHasher& hash, ByteView entries) {
    const std::scoped_lock lock(mutex_);
    waiting_.push_back({.hash = &hash, .entries = entries});
    changed_.notify_all();
}

void HashBehind::settle(const IndexHasher& hash) {
    std::unique_lock lock(mutex_);
    const auto found = std::ranges::find(waiting_, &hash, &Job::hash);
    if (found == waiting_.end()) {
        changed_.wait(lock, [&] { return busy_ != &hash; });
        return;
    }
    const auto job = *found;
    waiting_.erase(found);
    lock.unlock();
    job.hash->add(job.entries);
}

}  // namespace wcmp::bundle
