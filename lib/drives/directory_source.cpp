#include "drives/directory_source.h"

#include "drives/drive_table.h"
#include "drives/watches.h"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <fcntl.h>

namespace wcmp::drives {

namespace asio = boost::asio;
using boost::system::error_code;

class DirectorySource::Implementation : public std::enable_shared_from_this<Implementation> {
public:
    Implementation(asio::io_context& io, DriveNumbers& numbers, std::vector<WatchedDirectory> directories,
                   DirectorySourceOptions options)
        : io_(io),
          directories_(std::move(directories)),
          options_(std::move(options)),
          drives_(numbers),
          events_(io),
          mounts_(io),
          soon_(io),
          later_(io) {}

    void start(Listener listener);
    void stop();
    void join() { worker_.join(); }
    void configure(std::vector<WatchedDirectory> directories);
    Result<std::unique_ptr<io::Directory>> open(DriveId id);
    Result<void> release(DriveId id);

private:
    void await_events();
    void await_mounts();
    void await_later();
    void look_soon();
    void look();
    std::vector<Look> look_at(const std::vector<WatchedDirectory>& directories) const;
    void looked(const std::vector<Look>& looks);
    void report(const Report& report);

    asio::io_context& io_;
    std::vector<WatchedDirectory> directories_;
    const DirectorySourceOptions options_;
    Listener listener_;
    DriveTable drives_;
    Watches watches_;
    asio::posix::stream_descriptor events_;
    asio::posix::stream_descriptor mounts_;
    asio::steady_timer soon_;
    asio::steady_timer later_;
    asio::thread_pool worker_{1};
    bool running_ = false;
    bool soon_pending_ = false;
    bool looking_ = false;
    bool look_again_ = false;
};

void DirectorySource::Implementation::start(Listener listener) {
    listener_ = std::move(listener);
    running_ = true;
    error_code failed;
    io::UniqueFd events(::fcntl(watches_.descriptor(), F_DUPFD_CLOEXEC, 0));
    if (events) events_.assign(events.release(), failed);
    io::UniqueFd mounts(::open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC));
    if (mounts) mounts_.assign(mounts.release(), failed);
    await_events();
    await_mounts();
    await_later();
    look();
}

void DirectorySource::Implementation::stop() {
    running_ = false;
    listener_ = {};
    error_code ignored;
    events_.close(ignored);
    mounts_.close(ignored);
    soon_.cancel();
    later_.cancel();
}

void DirectorySource::Implementation::configure(std::vector<WatchedDirectory> directories) {
    directories_ = std::move(directories);
    if (running_) look();
}

void DirectorySource::Implementation::await_events() {
    if (!events_.is_open()) return;
    events_.async_wait(asio::posix::descriptor_base::wait_read,
                       [self = shared_from_this()](const error_code& failed) {
                           if (failed || !self->running_) return;
                           if (self->watches_.drain()) self->look_soon();
                           self->await_events();
                       });
}

void DirectorySource::Implementation::await_mounts() {
    if (!mounts_.is_open()) return;
    // The table of mounts is always readable; that it changed is told as an error condition (proc(5)).
    mounts_.async_wait(asio::posix::descriptor_base::wait_error,
                       [self = shared_from_this()](const error_code& failed) {
                           if (failed || !self->running_) return;
                           self->look_soon();
                           self->await_mounts();
                       });
}

void DirectorySource::Implementation::await_later() {
    later_.expires_after(options_.look_every);
    later_.async_wait([self = shared_from_this()](const error_code& failed) {
        if (failed || !self->running_) return;
        self->look();
        self->await_later();
    });
}

void DirectorySource::Implementation::look_soon() {
    if (std::exchange(soon_pending_, true)) return;
    soon_.expires_after(options_.debounce);
    soon_.async_wait([self = shared_from_this()](const error_code& failed) {
        self->soon_pending_ = false;
        if (!failed && self->running_) self->look();
    });
}

void DirectorySource::Implementation::look() {
    if (std::exchange(looking_, true)) {
        look_again_ = true;
        return;
    }
    asio::post(worker_, [self = shared_from_this(), directories = directories_] {
        asio::post(self->io_, [self, looks = self->look_at(directories)] { self->looked(looks); });
    });
}

std::vector<Look> DirectorySource::Implementation::look_at(
    const std::vector<WatchedDirectory>& directories) const {
    std::vector<Look> looks;
    for (const auto& directory : directories) {
        watches_.watch(directory.path, options_.folder);  // first, so that no change falls between
        const auto turns = drives_.turns(directory.path);
        looks.push_back({directory, turns, observe(directory.path, options_.folder)});
    }
    return looks;
}

void DirectorySource::Implementation::looked(const std::vector<Look>& looks) {
    looking_ = false;
    if (!running_) return;
    for (const auto& news : drives_.update(looks)) report(news);
    if (running_ && std::exchange(look_again_, false)) look();
}

void DirectorySource::Implementation::report(const Report& report) {
    const auto listener = listener_;  // a report may lead to stop()
    if (const auto* added = std::get_if<DriveAdded>(&report); added != nullptr && listener.added)
        listener.added(*added);
    if (const auto* changed = std::get_if<DriveChanged>(&report); changed != nullptr && listener.changed)
        listener.changed(*changed);
    if (const auto* removed = std::get_if<DriveRemoved>(&report); removed != nullptr && listener.removed)
        listener.removed(*removed);
}

Result<std::unique_ptr<io::Directory>> DirectorySource::Implementation::open(DriveId id) {
    WCMP_ASSIGN(const auto place, drives_.place(id));
    WCMP_ASSIGN(auto root, open_identified(place.path, place.identity));
    WCMP_ASSIGN(const auto names, list_names(*root, options_.folder));
    auto recorder = std::make_shared<Recorder>(names);
    drives_.visit_begins(id, recorder);
    return record(std::move(root), options_.folder, std::move(recorder));
}

Result<void> DirectorySource::Implementation::release(DriveId id) {
    const auto place = drives_.place(id);
    if (!place) return {};  // gone meanwhile, and reported
    std::optional<Names> names;
    if (const auto seen = observe(place->path, options_.folder); seen && seen->identity == place->identity)
        names = seen->names;
    const bool changed = drives_.visit_ends(id, names);
    if (!changed && names) return {};
    asio::post(io_, [self = shared_from_this(), id, changed] {
        if (!self->running_) return;
        if (changed) self->report(DriveChanged{id});
        self->look_soon();  // it may have gone
    });
    return {};
}

DirectorySource::DirectorySource(asio::io_context& io, DriveNumbers& numbers,
                                 std::vector<WatchedDirectory> directories, DirectorySourceOptions options)
    : implementation_(
          std::make_shared<Implementation>(io, numbers, std::move(directories), std::move(options))) {}

DirectorySource::~DirectorySource() {
    stop();
    implementation_->join();  // a look that is on may hold the last reference, and posts to the io_context
}

void DirectorySource::start(Listener listener) {
    implementation_->start(std::move(listener));
}

void DirectorySource::stop() {
    implementation_->stop();
}

void DirectorySource::configure(std::vector<WatchedDirectory> directories) {
    implementation_->configure(std::move(directories));
}

Result<std::unique_ptr<io::Directory>> DirectorySource::open(DriveId id) {
    return implementation_->open(id);
}

Result<void> DirectorySource::release(DriveId id) {
    return implementation_->release(id);
}

}  // namespace wcmp::drives
