#include "payload/dtype.h"
