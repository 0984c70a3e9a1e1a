#include "store/store.h"

namespace wcmp::store {

Store::Store(std::unique_ptr<io::Directory> directory, const StoreSettings& settings, Random& random)
    : directory_(std::make_unique<GuardedDirectory>(std::move(directory))),
      random_(random),
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

Result<std::uint64_t> Store::room_bytes() const {
    WCMP_ASSIGN(const auto free, space());
    if (free.read_only) return 0;
    const auto settings = this->settings();
    const auto used = snapshot()->bytes + journal_->used_bytes();
    const auto quota = settings.store_bytes_max - std::min(used, settings.store_bytes_max);
    const auto disk = free.free_bytes - std::min(settings.store_keep_free_bytes, free.free_bytes);
    return std::min(quota, disk);
}

State Store::state() const {
    const std::scoped_lock lock(mutex_);
    return state_;
}

Result<void> Store::save_state(const State& state) {
    if (failing()) return fail(Errc::store_failing, "the store takes no more");
    {
        const std::scoped_lock lock(mutex_);
        if (state == state_) return {};
    }
    WCMP_TRY(store::save_state(*directory_, state));
    const std::scoped_lock lock(mutex_);
    state_ = state;
    return {};
}

}  // namespace wcmp::store
