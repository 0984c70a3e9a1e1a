#include "store/store.h"

namespace wcmp::store {

Store::Store(std::unique_ptr<io::Directory> directory, const StoreSettings& settings, World world)
    : directory_(std::make_unique<GuardedDirectory>(std::move(directory))),
      clock_(world.clock),
      random_(world.random),
      sidecars_(std::make_unique<Sidecars>(*directory_)),
      settings_(settings),
      snapshot_(std::make_shared<const Snapshot>()) {}

Store::~Store() = default;

StoreSettings Store::settings() const {
    const std::scoped_lock lock(mutex_);
    return settings_;
}

void Store::set_settings(const StoreSettings& settings) {
    const std::scoped_lock lock(mutex_);
    settings_ = settings;
}

Result<Store::Room> Store::room(Drawer drawer) const {
    WCMP_ASSIGN(const auto free, space());
    if (free.read_only) return Room{};
    const auto now = clock_.boot_time();
    const auto used = used_bytes();
    const std::scoped_lock lock(mutex_);
    const auto quota = settings_.store_bytes_max;
    return Room{.disk_bytes = free.free_bytes - std::min(settings_.store_keep_free_bytes, free.free_bytes),
                .share_bytes = quota - std::min(used, quota) + share_.available(drawer, quota, now)};
}

std::chrono::seconds Store::wait_for_share(Drawer drawer, std::uint64_t bytes) const {
    const auto now = clock_.boot_time();
    const auto used = used_bytes();
    const std::scoped_lock lock(mutex_);
    const auto quota = settings_.store_bytes_max;
    return share_.wait_for(drawer, beyond_quota(used, bytes, quota), quota, now);
}

void Store::draw(Drawer drawer, std::uint64_t bytes_before, std::uint64_t grown) {
    const auto now = clock_.boot_time();
    const std::scoped_lock lock(mutex_);
    const auto quota = settings_.store_bytes_max;
    share_.draw(drawer, beyond_quota(bytes_before, grown, quota), quota, now);
}

State Store::state() const {
    const std::scoped_lock lock(mutex_);
    return state_;
}

Result<void> Store::change_state(const std::function<void(State&)>& change) {
    if (failing()) return fail(Errc::store_failing, "the store takes no more");
    const std::scoped_lock writing(state_writing_);
    const auto before = state();
    auto after = before;
    change(after);
    if (after == before) return {};
    WCMP_TRY(save_state(*directory_, after));
    const std::scoped_lock lock(mutex_);
    state_ = after;
    return {};
}

}  // namespace wcmp::store
