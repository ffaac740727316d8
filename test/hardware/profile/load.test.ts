import { listProfiles, loadProfile } from '../../../src/hardware/index.ts';

test('every profile that ships with the tool loads', () => {
	for (const { name } of listProfiles()) {
		const profile = loadProfile(name);
		expect(profile.name).toBe(name);
		expect(profile.sources.size).toBeGreaterThan(0);
	}
});
