#include "drives/directory_source.h"

#include "drives/drive_table.h"
#include "drives/watches.h"
#include "drives/way_back.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fcntl.h>

namespace wcmp::drives {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

// What a look needs. It may outlive the source: a dead network mount holds whoever looks at it for ever.
class Eyes {
public:
    Eyes(asio::io_context& io, DriveNumbers& numbers, std::string folder)
        : drives(numbers), way_back(io), folder_(std::move(folder)) {}

    Look look_at(const WatchedDirectory& directory) const {
        watches.watch(directory.path, folder_);  // first, so that no change falls between
        const auto turns = drives.turns(directory.path);
        return {directory, turns, observe(directory.path, folder_)};
    }

    const std::string& folder() const { return folder_; }

    DriveTable drives;
    Watches watches;
    WayBack way_back;

private:
    const std::string folder_;
};

}  // namespace

class DirectorySource::Implementation : public std::enable_shared_from_this<Implementation> {
public:
    Implementation(asio::io_context& io, DriveNumbers& numbers, std::vector<WatchedDirectory> directories,
                   DirectorySourceOptions options)
        : directories_(std::move(directories)),
          options_(std::move(options)),
          io_(io),
          numbers_(numbers),
          eyes_(std::make_shared<Eyes>(io, numbers, options_.folder)),
          events_(io),
          mounts_(io),
          soon_(io),
          later_(io) {}

    void start(Listener listener);
    void stop();
    void configure(std::vector<WatchedDirectory> directories);
    Result<std::unique_ptr<io::Directory>> open(DriveId id);
    Result<void> release(DriveId id);

private:
    void await_events();
    void await_mounts();
    void await_later();
    void look_soon();
    // One directory's looks: on a thread of its own, so that one that does not answer hides no other.
    struct Gaze {
        explicit Gaze(asio::io_context& io) : patience(io) {}

        bool looking = false;
        bool again = false;
        std::optional<Look> last{};
        asio::steady_timer patience;  // until a look should have come back
        bool is_patient = false;
        struct Silence {
            DriveId id;
            WatchedDirectory directory;
            bool stands_in = false;  // nobody has seen yet what is there
        };
        std::optional<Silence> silence{};
    };
    void look();
    void look_at(const WatchedDirectory& directory);
    void looked(const Look& look);
    void await_answer(const std::filesystem::path& path, Gaze& gaze);
    void no_answer(const std::filesystem::path& path);
    void forget_silences();
    void update();
    void report(const Report& report);

    std::vector<WatchedDirectory> directories_;
    const DirectorySourceOptions options_;
    asio::io_context& io_;
    DriveNumbers& numbers_;
    std::shared_ptr<Eyes> eyes_;
    std::map<std::filesystem::path, Gaze> gazes_;
    Listener listener_;
    asio::posix::stream_descriptor events_;
    asio::posix::stream_descriptor mounts_;
    asio::steady_timer soon_;
    asio::steady_timer later_;
    bool running_ = false;
    bool soon_pending_ = false;
};

void DirectorySource::Implementation::start(Listener listener) {
    listener_ = std::move(listener);
    running_ = true;
    error_code failed;
    io::UniqueFd events(::fcntl(eyes_->watches.descriptor(), F_DUPFD_CLOEXEC, 0));
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
    eyes_->way_back.close();
    listener_ = {};
    error_code ignored;
    events_.close(ignored);
    mounts_.close(ignored);
    soon_.cancel();
    later_.cancel();
    for (auto& [path, gaze] : gazes_) gaze.patience.cancel();
}

void DirectorySource::Implementation::configure(std::vector<WatchedDirectory> directories) {
    directories_ = std::move(directories);
    if (!running_) return;
    forget_silences();
    update();
    look();
}

void DirectorySource::Implementation::await_events() {
    if (!events_.is_open()) return;
    events_.async_wait(asio::posix::descriptor_base::wait_read,
                       [self = shared_from_this()](const error_code& failed) {
                           if (failed || !self->running_) return;
                           if (self->eyes_->watches.drain()) self->look_soon();
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
    for (const auto& directory : directories_) look_at(directory);
}

void DirectorySource::Implementation::look_at(const WatchedDirectory& directory) {
    auto& gaze = gazes_.try_emplace(directory.path, io_).first->second;
    await_answer(directory.path, gaze);
    if (std::exchange(gaze.looking, true)) {
        gaze.again = true;
        return;
    }
    try {
        std::thread([self = weak_from_this(), eyes = eyes_, directory] {
            eyes->way_back.post([self, look = eyes->look_at(directory)] {
                if (const auto alive = self.lock()) alive->looked(look);
            });
        }).detach();
    } catch (const std::system_error&) {
        gaze.looking = gaze.is_patient = false;  // no thread to be had: the next look is due in a minute
    }
}

void DirectorySource::Implementation::looked(const Look& look) {
    if (!running_) return;
    auto& gaze = gazes_.at(look.directory.path);
    gaze.looking = gaze.is_patient = false;
    gaze.patience.cancel();
    gaze.last = look;
    const auto silence = std::exchange(gaze.silence, std::nullopt);
    if (silence && silence->stands_in) report(DriveRemoved{silence->id});
    update();
    if (silence && !silence->stands_in) report(DriveAnswers{silence->id, true});
    if (!running_ || !std::exchange(gaze.again, false)) return;
    const auto still = std::ranges::find(directories_, look.directory.path, &WatchedDirectory::path);
    if (still != directories_.end()) look_at(*still);
}

void DirectorySource::Implementation::await_answer(const std::filesystem::path& path, Gaze& gaze) {
    if (gaze.silence || std::exchange(gaze.is_patient, true)) return;
    gaze.patience.expires_after(options_.answers_within);
    gaze.patience.async_wait([self = shared_from_this(), path](const error_code& failed) {
        if (!failed && self->running_) self->no_answer(path);
    });
}

void DirectorySource::Implementation::no_answer(const std::filesystem::path& path) {
    auto& gaze = gazes_.at(path);
    const bool is_over = gaze.patience.expiry() <= std::chrono::steady_clock::now();
    const auto directory = std::ranges::find(directories_, path, &WatchedDirectory::path);
    if (!gaze.is_patient || !is_over) return;  // it came back in this moment
    gaze.is_patient = false;
    if (directory == directories_.end()) return;
    const auto known = eyes_->drives.drive_at(path);
    const auto id = known ? *known : numbers_.next();
    gaze.silence = {.id = id, .directory = *directory, .stands_in = !known};
    if (!known)
        report(DriveAdded{.id = id,
                          .kind = Kind::directory,
                          .file_system = FileSystemKind::other,
                          .shared = directory->shared,
                          .readiness = Readiness::waiting});
    report(DriveAnswers{id, false});
}

// Of directories that are configured no more, or otherwise.
void DirectorySource::Implementation::forget_silences() {
    for (auto& [path, gaze] : gazes_) {
        if (!gaze.silence || std::ranges::find(directories_, gaze.silence->directory) != directories_.end())
            continue;
        const auto silence = *std::exchange(gaze.silence, std::nullopt);
        if (silence.stands_in) report(DriveRemoved{silence.id});
    }
}

// By what was seen last of each directory that is configured.
void DirectorySource::Implementation::update() {
    std::vector<Look> looks;
    for (const auto& directory : directories_) {
        const auto gaze = gazes_.find(directory.path);
        if (gaze != gazes_.end() && gaze->second.last && gaze->second.last->directory == directory)
            looks.push_back(*gaze->second.last);
    }
    for (const auto& news : eyes_->drives.update(looks)) report(news);
}

void DirectorySource::Implementation::report(const Report& report) {
    const auto listener = listener_;  // a report may lead to stop()
    if (const auto* added = std::get_if<DriveAdded>(&report); added != nullptr && listener.added)
        listener.added(*added);
    if (const auto* changed = std::get_if<DriveChanged>(&report); changed != nullptr && listener.changed)
        listener.changed(*changed);
    if (const auto* removed = std::get_if<DriveRemoved>(&report); removed != nullptr && listener.removed)
        listener.removed(*removed);
    if (const auto* answers = std::get_if<DriveAnswers>(&report); answers != nullptr && listener.answers)
        listener.answers(*answers);
}

Result<std::unique_ptr<io::Directory>> DirectorySource::Implementation::open(DriveId id) {
    WCMP_ASSIGN(const auto place, eyes_->drives.place(id));
    WCMP_ASSIGN(auto root, open_identified(place.path, place.identity));
    WCMP_ASSIGN(const auto names, list_names(*root, options_.folder));
    auto recorder = std::make_shared<Recorder>(names);
    eyes_->drives.visit_begins(id, recorder);
    return record(std::move(root), options_.folder, std::move(recorder));
}

Result<void> DirectorySource::Implementation::release(DriveId id) {
    const auto place = eyes_->drives.place(id);
    if (!place) return {};  // gone meanwhile, and reported
    std::optional<Names> names;
    if (const auto seen = observe(place->path, options_.folder); seen && seen->identity == place->identity)
        names = seen->names;
    const bool changed = eyes_->drives.visit_ends(id, names);
    if (!changed && names) return {};
    eyes_->way_back.post([self = shared_from_this(), id, changed] {
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
