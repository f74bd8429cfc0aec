#include "CWorkerLink.h"
