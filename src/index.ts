/**
 * snn-energy as a library: the same few verbs as the command line. Nothing here prints or exits; what a user did wrong
 * is thrown as a UserError. docs/library.md shows each verb at work.
 *
 * @example
 * import { countEvents, loadNetwork, priceActivity } from 'snn-energy';
 *
 * const network = await loadNetwork('model.onnx', { timesteps: 4 });
 * const activity = await countEvents(network, { data: 'images.npy', labels: 'labels.npy' });
 * const analysis = priceActivity(activity, { profiles: ['45nm', 'loihi'] });
 * const { nominal } = analysis.estimates[0].energyPerInferenceJoules;
 *
 * @packageDocumentation
 */

export * from './core.ts';
