#include "test_relay.h"

#include "message/seal.h"

#include <algorithm>

#include <stdlib.h>

namespace wcmp::node::test {

TempFolder::TempFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "wcmp-node-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path = name;
}

TempFolder::~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
}

Result<std::unique_ptr<io::Directory>> TestSource::open(drives::DriveId id) {
    std::function<Result<void>()> before;
    std::filesystem::path path;
    Wrap wrap;
    {
        const std::lock_guard lock(mutex_);
        wrap = wrap_;
        before = before_open_[id];
        path = paths_[id];
    }
    if (before) WCMP_TRY(before());
    WCMP_ASSIGN(auto directory, io::open_directory(path));
    return wrap ? wrap(std::move(directory)) : std::move(directory);
}

Result<void> TestSource::release(drives::DriveId) {
    std::function<Result<void>()> call;
    {
        const std::lock_guard lock(mutex_);
        call = on_release_;
    }
    if (call) WCMP_TRY(call());
    const std::lock_guard lock(mutex_);
    ++released_;
    return {};
}

void TestSource::on_release(std::function<Result<void>()> call) {
    const std::lock_guard lock(mutex_);
    on_release_ = std::move(call);
}

void TestSource::wrap(Wrap wrap) {
    const std::lock_guard lock(mutex_);
    wrap_ = std::move(wrap);
}

drives::DriveId TestSource::add(const std::filesystem::path& path, drives::Kind kind,
                                drives::Readiness readiness) {
    const drives::DriveId id{++last_id_};
    {
        const std::lock_guard lock(mutex_);
        paths_[id] = path;
    }
    listener_.added({.id = id, .kind = kind, .shared = shared, .readiness = readiness});
    return id;
}

void TestSource::before_open(drives::DriveId id, std::function<Result<void>()> call) {
    const std::lock_guard lock(mutex_);
    before_open_[id] = std::move(call);
}

std::size_t TestSource::released() const {
    const std::lock_guard lock(mutex_);
    return released_;
}

TestRelay::TestRelay(std::uint64_t seed) : random(seed) {
    clock.system = std::chrono::sys_seconds(std::chrono::days(test_day));
    settings.store.keep_free_bytes = 0;
}

Result<void> TestRelay::start() {
    WCMP_ASSIGN(auto directory, io::open_or_make_directory(folder.path / "store"));
    return start(std::move(directory));
}

Result<void> TestRelay::start(std::unique_ptr<io::Directory> store) {
    io_ = std::make_unique<boost::asio::io_context>(1);
    guard_.emplace(io_->get_executor());
    NodeOptions options{.service = "user", .version = "1.2.3", .build_day = Day{test_day}, .exit = {}};
    options.exit = [this](int code) { exit_code = code; };
    options.show_light = [this](drives::Light light) { lights.push_back(light); };
    options.sysfs = sysfs;
    options.store_is_volatile = store_is_volatile;
    WCMP_ASSIGN(node_, Node::open({*io_, clock, random}, std::move(store), settings, std::move(options)));
    node_->add_source(source);
    auto subscribed = node_->subscribe("", [this](const std::string& event) { events.push_back(event); });
    watching_ = std::move(*subscribed);
    return {};
}

void TestRelay::end() {
    watching_.reset();
    node_.reset();
    guard_.reset();
    io_.reset();  // with what still came back, for nobody
}

void TestRelay::stop() {
    bool stopped = false;
    node_->stop([&stopped] { stopped = true; });
    run_until([&stopped] { return stopped; });
    end();
}

void TestRelay::restart() {
    stop();
    const auto started = start();
    ASSERT_TRUE(started.has_value()) << describe(started.error());
}

void TestRelay::run_until(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!done()) {
        ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "it never happened";
        io_->run_one_for(std::chrono::seconds(1));
    }
}

void TestRelay::advance(std::chrono::seconds by) {
    clock.advance(by);
    node_->run_due();
    io_->poll();
}

Outcome<Enqueued> TestRelay::enqueue(const Bytes& message) {
    return ask<Enqueued>([&](auto reply) { node_->enqueue(message, std::move(reply)); });
}

Outcome<void> TestRelay::fold() {
    return ask<void>([&](auto reply) { node_->fold(std::move(reply)); });
}

Outcome<Bytes> TestRelay::read(const MessageId& id) {
    return ask<Bytes>([&](auto reply) { node_->read(id, std::move(reply)); });
}

Outcome<RecognitionPart> TestRelay::recognition(const std::string& cursor, std::size_t records_max,
                                                DayRange range) {
    return ask<RecognitionPart>(
        [&](auto reply) { node_->recognition(cursor, range, records_max, std::move(reply)); });
}

Outcome<UploadResult> TestRelay::upload(const Bytes& bundle, std::size_t piece) {
    auto begun = ask<std::shared_ptr<Upload>>([&](auto reply) { node_->upload(std::move(reply)); });
    if (!begun) return std::unexpected(begun.error());
    for (std::size_t at = 0; at < bundle.size(); at += piece) {
        const auto part = ByteView(bundle).subspan(at, std::min(piece, bundle.size() - at));
        const auto written =
            ask<void>([&](auto reply) { (*begun)->write({part.begin(), part.end()}, std::move(reply)); });
        if (!written) return std::unexpected(written.error());
    }
    return ask<UploadResult>([&](auto reply) { (*begun)->finish(std::move(reply)); });
}

Bytes TestRelay::message() {
    auto sealed = message::seal_dummy(Day{test_day}, random);
    if (!sealed) throw std::runtime_error(describe(sealed.error()));
    return std::move(*sealed);
}

std::vector<Bytes> TestRelay::messages(std::size_t count) {
    std::vector<Bytes> made(count);
    std::ranges::generate(made, [this] { return message(); });
    return made;
}

DriveInfo TestRelay::drive(drives::DriveId id) {
    for (const auto& info : node_->drives())
        if (info.id == "d" + std::to_string(id.number)) return info;
    return {};
}

DriveInfo TestRelay::wait_for(drives::DriveId id, std::string_view state) {
    run_until([&] { return drive(id).state == state; });
    return drive(id);
}

std::size_t TestRelay::events_of(std::string_view type) const {
    const auto wanted = "\"type\":\"" + std::string(type) + '"';
    return static_cast<std::size_t>(std::ranges::count_if(
        events, [&wanted](const auto& event) { return event.find(wanted) != std::string::npos; }));
}

}  // namespace wcmp::node::test
