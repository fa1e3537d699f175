#include "roles/roles.h"
