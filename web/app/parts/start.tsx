import { openClaim } from '../claim.ts';
import { OpenButton } from './header.tsx';

/** What the page shows before anything is open. */
export function Start() {
	return (
		<section class="start" aria-labelledby="start-title">
			<h2 id="start-title">Drop a network and its data. See what one inference costs.</h2>
			<p>
				A trained spiking network (<code>.onnx</code>, <code>.nir</code>, or a tfjs folder), samples (<code>.npy</code>,{' '}
				<code>.npz</code>, event recordings) and labels, in any mix. Saved results (<code>.json</code>) and hardware profiles (
				<code>.yaml</code>) too.
			</p>
			<OpenButton />
			<p class="muted">
				The network runs here, in this tab, timestep by timestep, and every spike is counted. Nothing is uploaded: the page may
				talk to its own server only, and only to fetch itself.
			</p>
			<p>
				No network at hand?{' '}
				<button type="button" class="quiet" onClick={() => openClaim()}>
					Check the numbers of a paper
				</button>
			</p>
			<ul class="promises">
				<li>
					<strong>Counts, not estimates.</strong> ACs, MACs, spikes and membrane traffic by layer and timestep, equal to the
					command line's.
				</li>
				<li>
					<strong>Priced as you move a slider.</strong> Every constant with its published interval and its source.
				</li>
				<li>
					<strong>Against the DNN it replaces.</strong> With a band instead of false precision, and what is left out named.
				</li>
			</ul>
		</section>
	);
}
