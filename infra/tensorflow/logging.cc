// Compiled into the addon: TF_CPP_MIN_LOG_LEVEL from the first message on.
//
// TensorFlow looks at it after it has written that oneDNN is on, to the standard error of whoever trains.
#include <cstdlib>

namespace absl {
inline namespace lts_20250814 {  // that of TensorFlow 2.21
enum class LogSeverityAtLeast : int;
__attribute__((weak)) void SetMinLogLevel(LogSeverityAtLeast);
}  // namespace lts_20250814
}  // namespace absl

__attribute__((constructor)) static void keep_to_the_log_level() {
  const char* level = std::getenv("TF_CPP_MIN_LOG_LEVEL");
  if (level && absl::SetMinLogLevel) absl::SetMinLogLevel(static_cast<absl::LogSeverityAtLeast>(std::atoi(level)));
}
