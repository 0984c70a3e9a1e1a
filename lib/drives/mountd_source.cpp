#include "drives/mountd_source.h"

#include "core/limits.h"
#include "drives/answer.h"
#include "drives/way_back.h"
#include "io/posix.h"

#include <algorithm>
#include <cerrno>
#include <map>
#include <system_error>
#include <thread>

#include <boost/asio/post.hpp>

namespace wcmp::drives {

namespace asio = boost::asio;
using handover::Message;
using handover::What;

constexpr Error stopped_unknown{Errc::cancelled,
                                "the source of drives has stopped: whether the drive is free is not known"};

class MountdSource::Implementation : public std::enable_shared_from_this<Implementation> {
public:
    Implementation(asio::io_context& io, DriveNumbers& numbers, MountdSourceOptions options)
        : io_(io),
          numbers_(numbers),
          options_(std::move(options)),
          link_(std::make_shared<HandoverLink>(io, options_.link)),
          way_back_(std::make_shared<WayBack>(io)) {}

    void start(Listener listener);
    void stop();
    void set_light(Light light);
    Result<std::unique_ptr<io::Directory>> open(DriveId id);
    Result<void> release(DriveId id);

private:
    using Mounting = std::shared_ptr<Answer<io::UniqueFd>>;
    using Releasing = std::shared_ptr<Answer<void>>;

    struct Drive {
        DriveId id;
        FileSystemKind file_system = FileSystemKind::other;
        Readiness readiness = Readiness::ready;
        std::uint32_t told_carrier = 0;  // wcmp-mountd's number, which counts anew in each connection
        std::uint32_t carrier = 0;
        bool asked = false;  // to be mounted, without an answer yet
        Mounting mounting{};
        Releasing releasing{};
        bool unreleased = false;  // its last visit has let go, and nobody has said yet that it is free
    };
    using Drives = std::map<std::uint32_t, Drive>;  // by wcmp-mountd's numbers

    void ask_mount(DriveId id, Mounting mounting);
    void ask_release(DriveId id, const Releasing& releasing);
    Drives::iterator find(DriveId id);

    bool may_connect() const;
    Result<void> take(handover::Received received);
    Result<void> told(const Message& message);
    std::uint32_t carrier_of(std::uint32_t told, DriveId id) const;
    void told_again(Drive& drive, const Message& message);
    void gone(std::uint32_t number);
    Result<void> mounted(std::uint32_t number, io::UniqueFd descriptor);
    Result<void> not_mounted(const Message& message);
    void released(std::uint32_t number, const Result<void>& result);
    void give_back(std::uint32_t number);
    void close_unwanted(std::uint32_t number, io::UniqueFd descriptor);
    void lost();
    void refuse_all(const Error& mounting, const Error& releasing);

    asio::io_context& io_;
    DriveNumbers& numbers_;
    const MountdSourceOptions options_;
    const std::shared_ptr<HandoverLink> link_;
    Listener listener_;
    Light light_ = Light::idle;
    Drives drives_;
    std::uint32_t last_told_ = 0;  // over all drives of this connection
    int visits_ = 0;               // drives that were handed over and not released yet
    std::chrono::steady_clock::time_point lost_{};
    const std::shared_ptr<WayBack> way_back_;
    bool running_ = false;
};

void MountdSource::Implementation::start(Listener listener) {
    listener_ = std::move(listener);
    running_ = true;
    link_->start({.may_connect = [this] { return may_connect(); },
                  .connected =
                      [this] {
                          last_told_ = 0;
                          link_->send({.what = What::show, .light = light_});
                          if (options_.connected) options_.connected(true);
                      },
                  .received = [this](handover::Received received) { return take(std::move(received)); },
                  .lost = [this] { lost(); },
                  .trouble = options_.trouble});
}

void MountdSource::Implementation::stop() {
    running_ = false;
    listener_ = {};
    link_->stop();
    way_back_->close();
    refuse_all({Errc::cancelled, "the source of drives has stopped"}, stopped_unknown);
    drives_.clear();
}

void MountdSource::Implementation::set_light(Light light) {
    if (std::exchange(light_, light) == light) return;
    link_->send({.what = What::show, .light = light});
}

// A drive of the connection before may be in use still: nobody could mount it anew, so its visit, which is
// ending, goes first. A visit that hangs holds up the others for so long only.
bool MountdSource::Implementation::may_connect() const {
    return visits_ == 0 || std::chrono::steady_clock::now() - lost_ >= options_.release_time_max;
}

Result<void> MountdSource::Implementation::take(handover::Received received) {
    const auto& message = received.message;
    switch (message.what) {
    case What::drive: return told(message);
    case What::gone: gone(message.drive); return {};
    case What::announced: return {};
    case What::mounted: return mounted(message.drive, std::move(received.descriptor));
    case What::not_mounted: return not_mounted(message);
    case What::released: released(message.drive, {}); return {};
    case What::still_in_use:
        released(message.drive, fail(Errc::busy, "the drive is still in use", message.os_error));
        return {};
    case What::give_back: give_back(message.drive); return {};
    case What::mount:
    case What::release:
    case What::show: break;
    }
    return fail(Errc::invalid, "wcmp-mountd sent a message that only wcmpd sends");
}

Result<void> MountdSource::Implementation::told(const Message& message) {
    if (const auto known = drives_.find(message.drive); known != drives_.end()) {
        told_again(known->second, message);
        return {};
    }
    if (message.drive == 0) return fail(Errc::invalid, "wcmp-mountd told of a drive without a number");
    // The others keep working; this one is told again when something about it changes.
    if (drives_.size() == limits::devices_max) return {};
    last_told_ = std::max(last_told_, message.drive);
    const auto id = numbers_.next();
    const auto carrier = carrier_of(message.carrier, id);
    drives_[message.drive] = {.id = id,
                              .file_system = message.file_system,
                              .readiness = message.readiness,
                              .told_carrier = message.carrier,
                              .carrier = carrier};
    if (const auto added = listener_.added)
        added({.id = id,
               .kind = Kind::mountd,
               .file_system = message.file_system,
               .shared = false,
               .readiness = message.readiness,
               .carrier = carrier});
    return {};
}

// Its first drive's number, so that no other one ever has it: a visit of a connection before may hang still.
std::uint32_t MountdSource::Implementation::carrier_of(std::uint32_t told, DriveId id) const {
    if (told == 0) return 0;
    const auto same = std::ranges::find_if(
        drives_, [told](const auto& entry) { return entry.second.told_carrier == told; });
    return same == drives_.end() ? id.number : same->second.carrier;
}

void MountdSource::Implementation::told_again(Drive& drive, const Message& message) {
    if (drive.file_system == message.file_system && drive.readiness == message.readiness) return;
    drive.file_system = message.file_system;
    drive.readiness = message.readiness;
    if (const auto readiness = listener_.readiness)
        readiness({.id = drive.id, .file_system = message.file_system, .readiness = message.readiness});
}

void MountdSource::Implementation::gone(std::uint32_t number) {
    auto node = drives_.extract(number);
    if (node.empty()) return;
    const auto& drive = node.mapped();
    if (drive.mounting) drive.mounting->give(fail(Errc::not_found, "the drive has gone"));
    if (drive.releasing) drive.releasing->give({});
    if (const auto removed = listener_.removed) removed({drive.id});
}

Result<void> MountdSource::Implementation::mounted(std::uint32_t number, io::UniqueFd descriptor) {
    const auto found = drives_.find(number);
    const bool asked = found != drives_.end() ? std::exchange(found->second.asked, false)
                                              : number <= last_told_;  // it went while this was on the way
    if (!asked) return fail(Errc::invalid, "wcmp-mountd handed over a drive that nobody asked for");
    Result<io::UniqueFd> handed(std::move(descriptor));
    const auto mounting = found != drives_.end() ? std::exchange(found->second.mounting, nullptr) : nullptr;
    if (mounting && mounting->offer(handed))
        ++visits_;
    else
        close_unwanted(number, std::move(*handed));
    return {};
}

// The last descriptor of a mount writes out what is left when it is closed, so not here: on a thread that is
// left behind when the drive hangs. Only where there is no thread to be had it is closed here after all.
void MountdSource::Implementation::close_unwanted(std::uint32_t number, io::UniqueFd descriptor) {
    const auto held = std::make_shared<io::UniqueFd>(std::move(descriptor));
    const auto close = [self = weak_from_this(), way_back = way_back_, number, held] {
        held->reset();
        way_back->post([self, number] {
            const auto alive = self.lock();
            if (alive) alive->link_->send({.what = What::release, .drive = number});
        });
    };
    try {
        std::thread(close).detach();
    } catch (const std::system_error&) {
        close();
    }
}

Result<void> MountdSource::Implementation::not_mounted(const Message& message) {
    const auto found = drives_.find(message.drive);
    if (found == drives_.end()) return {};  // it went while this was on the way
    if (!std::exchange(found->second.asked, false))
        return fail(Errc::invalid, "wcmp-mountd did not mount a drive that nobody asked for");
    const auto mounting = std::exchange(found->second.mounting, nullptr);
    if (!mounting) return {};
    if (message.os_error == 0)
        mounting->give(fail(Errc::not_found, "the drive is not ready, or has gone"));
    else if (message.os_error == ENODEV)  // fsopen(2)
        mounting->give(fail(Errc::unsupported, "the kernel does not know the drive's file system", ENODEV));
    else
        mounting->give(std::unexpected(error_from_errno("the drive cannot be mounted", message.os_error)));
    return {};
}

// May come after the wait for it is over, and again: a drive that is in use may be free later.
void MountdSource::Implementation::released(std::uint32_t number, const Result<void>& result) {
    const auto found = drives_.find(number);
    if (found == drives_.end()) return;
    auto& drive = found->second;
    const auto releasing = std::exchange(drive.releasing, nullptr);
    auto answer = result;
    const bool heard = releasing && releasing->offer(answer);
    if (!result || !std::exchange(drive.unreleased, false) || heard) return;
    if (const auto freed = listener_.freed) freed({drive.id});
}

void MountdSource::Implementation::give_back(std::uint32_t number) {
    const auto found = drives_.find(number);
    if (found == drives_.end()) return;
    if (const auto wanted = listener_.wanted) wanted({found->second.id});
}

void MountdSource::Implementation::lost() {
    lost_ = std::chrono::steady_clock::now();
    refuse_all({Errc::not_found, "wcmp-mountd has gone, and the drive with it"},
               {Errc::io, "wcmp-mountd has gone: whether the drive is free is not known"});
    for (const auto& [number, drive] : std::exchange(drives_, {}))
        if (const auto removed = listener_.removed) removed({drive.id});
    if (options_.connected) options_.connected(false);
}

void MountdSource::Implementation::refuse_all(const Error& mounting, const Error& releasing) {
    for (auto& [number, drive] : drives_) {
        if (drive.mounting) drive.mounting->give(std::unexpected(mounting));
        if (drive.releasing) drive.releasing->give(std::unexpected(releasing));
    }
}

MountdSource::Implementation::Drives::iterator MountdSource::Implementation::find(DriveId id) {
    return std::ranges::find_if(drives_, [id](const auto& entry) { return entry.second.id == id; });
}

void MountdSource::Implementation::ask_mount(DriveId id, Mounting mounting) {
    const auto found = find(id);
    if (found == drives_.end()) {
        mounting->give(fail(Errc::not_found, "the drive has gone"));
        return;
    }
    auto& drive = found->second;
    drive.mounting = std::move(mounting);
    drive.unreleased = false;
    // What was asked for before, and came too late for its visit, will do.
    if (!std::exchange(drive.asked, true)) link_->send({.what = What::mount, .drive = found->first});
}

void MountdSource::Implementation::ask_release(DriveId id, const Releasing& releasing) {
    --visits_;
    const auto found = find(id);
    if (found != drives_.end()) {
        found->second.releasing = releasing;
        found->second.unreleased = true;
        link_->send({.what = What::release, .drive = found->first});
    } else if (running_) {
        releasing->give({});  // it has gone, and that was reported
    } else {
        releasing->give(std::unexpected(stopped_unknown));
    }
}

Result<std::unique_ptr<io::Directory>> MountdSource::Implementation::open(DriveId id) {
    const auto mounting = std::make_shared<Answer<io::UniqueFd>>();
    asio::post(io_, [self = shared_from_this(), id, mounting] { self->ask_mount(id, mounting); });
    WCMP_ASSIGN(auto descriptor,
                mounting->wait(options_.mount_time_max,
                               {Errc::io, "wcmp-mountd did not mount the drive in time", ETIMEDOUT}));
    auto root = io::adopt_directory(std::move(descriptor));
    if (root) return root;
    WCMP_TRY(release(id));  // the visit will not: it got nothing
    return root;
}

Result<void> MountdSource::Implementation::release(DriveId id) {
    const auto releasing = std::make_shared<Answer<void>>();
    asio::post(io_, [self = shared_from_this(), id, releasing] { self->ask_release(id, releasing); });
    return releasing->wait(options_.release_time_max,
                           {Errc::busy, "wcmp-mountd does not say that the drive is free"});
}

MountdSource::MountdSource(asio::io_context& io, DriveNumbers& numbers, MountdSourceOptions options)
    : implementation_(std::make_shared<Implementation>(io, numbers, std::move(options))) {}

MountdSource::~MountdSource() {
    stop();
}

void MountdSource::start(Listener listener) {
    implementation_->start(std::move(listener));
}

void MountdSource::stop() {
    implementation_->stop();
}

void MountdSource::set_light(Light light) {
    implementation_->set_light(light);
}

Result<std::unique_ptr<io::Directory>> MountdSource::open(DriveId id) {
    return implementation_->open(id);
}

Result<void> MountdSource::release(DriveId id) {
    return implementation_->release(id);
}

}  // namespace wcmp::drives
