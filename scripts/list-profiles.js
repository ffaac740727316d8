// The last step of the build: checks every shipped profile and leaves the list, so that the CLI need not do it again.
import { writeWhole } from '../dist/files.js';
import { listProfiles } from '../dist/hardware/index.js';
import { shippedList, shippedListFile } from '../dist/hardware/profile/shipped-list.js';

writeWhole(shippedListFile, [`${JSON.stringify(shippedList(listProfiles()))}\n`]);
