// netc ckpt
#include "driver/options.h"
const NcCommand nc_command_ckpt = {.name="ckpt"};
