#include "unit/api/fake_service.h"

#include "core/writer.h"
#include "message/identify.h"

namespace wcmp::api::test {
namespace {

constexpr Day some_day{20'600};  // 2026-05-27

template <class List>
class Entry final : public node::Subscription {
public:
    Entry(List& list, typename List::iterator position) : list_(list), position_(position) {}
    ~Entry() override { list_.erase(position_); }

private:
    List& list_;
    typename List::iterator position_;
};

class FakeFile final : public node::BundleFile {
public:
    FakeFile(FakeService& service, Bytes bytes) : service_(service), bytes_(std::move(bytes)) {}

    std::uint64_t size() const override { return bytes_.size(); }

    void read(std::uint64_t offset, std::size_t length, node::Reply<Bytes> reply) override {
        service_.answer([this, offset, length, reply = std::move(reply)]() mutable {
            if (service_.file_breaks_at && offset + length > *service_.file_breaks_at)
                return reply(std::unexpected(node::Failure{.code = Errc::io}));
            const auto from = bytes_.begin() + static_cast<std::ptrdiff_t>(offset);
            reply(Bytes(from, from + static_cast<std::ptrdiff_t>(length)));
        });
    }

private:
    FakeService& service_;
    Bytes bytes_;
};

class FakeUpload final : public node::Upload {
public:
    explicit FakeUpload(FakeService& service) : service_(service) {}
    ~FakeUpload() override { service_.uploads_abandoned += finished_ ? 0 : 1; }

    void write(Bytes part, node::Reply<void> reply) override {
        bytes_.insert(bytes_.end(), part.begin(), part.end());
        service_.answer([this, reply = std::move(reply)]() mutable {
            if (service_.failure) return reply(std::unexpected(*service_.failure));
            reply({});
        });
    }

    void finish(node::Reply<node::UploadResult> reply) override {
        service_.answer([this, reply = std::move(reply)]() mutable {
            if (bytes_.empty() || bytes_[0] != 'W')
                return reply(std::unexpected(node::Failure{.code = Errc::bundle, .detail = "no header"}));
            finished_ = true;
            service_.uploaded = bytes_;
            reply(node::UploadResult{
                .imported = 2, .known = 1, .refused = {{"lifetime", 3}}, .invalid = {{"E_SHAPE", 4}}});
        });
    }

private:
    FakeService& service_;
    Bytes bytes_;
    bool finished_ = false;
};

}  // namespace

void FakeService::answer(std::move_only_function<void()> call) {
    if (holds)
        held.push_back(std::move(call));
    else
        boost::asio::post(context_, std::move(call));
}

void FakeService::release() {
    holds = false;
    for (auto& call : std::exchange(held, {})) boost::asio::post(context_, std::move(call));
}

node::Status FakeService::status() const {
    return {.state = "idle",
            .service = "user",
            .messages = messages.size(),
            .bytes = 1000,
            .quota_bytes = 5000,
            .expires_first = some_day,
            .expires_last = std::nullopt,
            .today = told_day.value_or(some_day),
            .trust = "system",
            .drives = drives(),
            .refused = {{.name = "too_large", .count = 4}},
            .evicted = 3,
            .warnings = {"clock_behind"},
            .uptime = std::chrono::seconds(7),
            .version = version()};
}

std::vector<node::DriveInfo> FakeService::drives() const {
    node::DriveInfo busy{.id = "d1",
                         .kind = "directory",
                         .file_system = "ext4",
                         .state = "busy",
                         .phase = "import",
                         .done_bytes = 1,
                         .total_bytes = 2};
    node::DriveInfo done{
        .id = "d2", .kind = "directory", .file_system = "vfat", .state = "failed", .phase = ""};
    done.result = node::DriveInfo::Result{.imported = 1,
                                          .refused = {{"lifetime", 2}},
                                          .displaced = 3,
                                          .error_code = "io",
                                          .error_detail = "it broke"};
    return {busy, done};
}

node::Outcome<void> FakeService::asked(std::string what) {
    if (failure) return std::unexpected(*failure);
    asked_of_drives.push_back(std::move(what));
    return {};
}

node::Outcome<void> FakeService::set_today(Day today) {
    if (failure) return std::unexpected(*failure);
    told_day = today;
    return {};
}

void FakeService::enqueue(Bytes message, node::Reply<node::Enqueued> reply) {
    answer([this, message = std::move(message), reply = std::move(reply)]() mutable {
        if (failure) return reply(std::unexpected(*failure));
        const auto id = message::message_id(message);
        messages[id] = std::move(message);
        reply(node::Enqueued{.id = id, .expires = some_day});
    });
}

void FakeService::fold(node::Reply<void> reply) {
    answer([this, reply = std::move(reply)]() mutable {
        if (failure) return reply(std::unexpected(*failure));
        ++folds;
        reply({});
    });
}

void FakeService::read(const MessageId& id, node::Reply<Bytes> reply) {
    answer([this, id, reply = std::move(reply)]() mutable {
        if (failure) return reply(std::unexpected(*failure));
        if (!messages.contains(id)) return reply(std::unexpected(node::Failure{.code = Errc::not_found}));
        reply(messages[id]);
    });
}

void FakeService::length_of(const MessageId& id, node::Reply<std::uint64_t> reply) {
    answer([this, id, reply = std::move(reply)]() mutable {
        if (!messages.contains(id)) return reply(std::unexpected(node::Failure{.code = Errc::not_found}));
        reply(messages[id].size());
    });
}

void FakeService::recognition(const std::string& cursor, node::DayRange range, std::size_t records_max,
                              node::Reply<node::RecognitionPart> reply) {
    answer([this, cursor, range, records_max, reply = std::move(reply)]() mutable {
        last_range = range;
        if (cursor == "old") return reply(std::unexpected(node::Failure{.code = Errc::expired}));
        if (cursor.find_first_not_of("0123456789") != cursor.npos)
            return reply(std::unexpected(node::Failure{.code = Errc::invalid, .detail = "not a cursor"}));
        std::size_t position = cursor.empty() ? 0 : std::stoul(cursor);
        node::RecognitionPart part;
        for (; position < records.size() && part.count < records_max; ++position, ++part.count)
            part.records.insert(part.records.end(), records[position].begin(), records[position].end());
        part.cursor = std::to_string(position);
        part.caught_up = position == records.size();
        reply(std::move(part));
    });
}

std::unique_ptr<node::Subscription> FakeService::on_arrival(std::move_only_function<void()> call) {
    arrival_calls.push_back(std::move(call));
    return std::make_unique<Entry<decltype(arrival_calls)>>(arrival_calls, std::prev(arrival_calls.end()));
}

void FakeService::arrive(Bytes record) {
    records.push_back(std::move(record));
    for (auto& call : arrival_calls) call();
}

std::vector<node::BundleInfo> FakeService::bundles() const {
    std::vector<node::BundleInfo> list;
    for (const auto& [name, bytes] : files)
        list.push_back({.name = name, .expires = some_day, .messages = 3, .bytes = bytes.size()});
    return list;
}

node::Outcome<std::shared_ptr<node::BundleFile>> FakeService::open_bundle(const std::string& name) {
    if (failure) return std::unexpected(*failure);
    const auto found = files.find(name);
    if (found == files.end()) return std::unexpected(node::Failure{.code = Errc::not_found});
    return std::make_shared<FakeFile>(*this, found->second);
}

void FakeService::upload(node::Reply<std::shared_ptr<node::Upload>> reply) {
    answer([this, reply = std::move(reply)]() mutable {
        if (failure && failure->code == Errc::busy) return reply(std::unexpected(*failure));
        reply(std::make_shared<FakeUpload>(*this));
    });
}

node::Outcome<std::unique_ptr<node::Subscription>> FakeService::subscribe(
    const std::string& cursor, std::function<void(const std::string& event)> call) {
    if (cursor == "old") return std::unexpected(node::Failure{.code = Errc::expired});
    if (!cursor.empty())
        for (const auto& event : remembered) call(event);
    watchers.push_back(std::move(call));
    return std::make_unique<Entry<decltype(watchers)>>(watchers, std::prev(watchers.end()));
}

void FakeService::say(const std::string& event) {
    for (auto& call : watchers) call(event);
}

namespace {

Bytes framed(const Bytes& record) {
    Bytes bytes;
    Writer writer(bytes);
    writer.u16(static_cast<std::uint16_t>(record.size()));
    writer.bytes(record);
    return bytes;
}

Bytes start_of(std::uint8_t suite, std::uint8_t slot_exp, std::uint8_t fill, std::uint32_t day) {
    Bytes bytes;
    Writer writer(bytes);
    writer.u8(suite);
    writer.u8(slot_exp);
    writer.u32(day);
    writer.u32(2048);
    writer.bytes(Bytes(32, fill));
    return bytes;
}

}  // namespace

Bytes known_record(std::uint8_t fill, std::uint32_t day) {
    auto bytes = start_of(1, 2, fill, day);
    Writer writer(bytes);
    writer.bytes(Bytes(32, 0xd1));
    writer.bytes(Bytes(16, 0x01));
    writer.bytes(Bytes(16, 0xf0));
    for (std::uint8_t slot = 0; slot < 4; ++slot) writer.bytes(Bytes(16, slot));
    return framed(bytes);
}

Bytes unknown_record(std::uint8_t fill, std::uint32_t day) {
    return framed(start_of(9, 255, fill, day));
}

}  // namespace wcmp::api::test
