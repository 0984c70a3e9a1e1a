#include "node/mounter_watch.h"

#include "log/log.h"

namespace wcmp::node {

MounterWatch::MounterWatch(Context& context)
    : context_(context), missed_(context.timers.add([this] {
          context_.warnings.set("no_mounter", true);
          log::warning(
              "wcmp-mountd is not there: drives that are plugged in are not used; start it, or set "
              "drives.source to \"none\"");
      })) {}

void MounterWatch::mounter_is(bool there) {
    if (there) {
        context_.timers.cancel(missed_);
        context_.warnings.set("no_mounter", false);
    } else {
        context_.timers.in(missed_, patience);
    }
}

}  // namespace wcmp::node
