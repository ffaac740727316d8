import { listProfiles, loadProfile } from '../../../src/hardware/index.ts';

test.each(listProfiles().map(({ name }) => name))('the shipped profile %s loads under its file name', (name) => {
	expect(loadProfile(name).name).toBe(name);
});
