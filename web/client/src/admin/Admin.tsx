import { useState } from 'preact/hooks';
import { FaultNote } from '../ui/FaultNote';
import { keep, key, refusal } from './api';
import { useHouse } from './house';
import { Rooms } from './Rooms';

/** Workers, servers, queue and alerts for whoever has the key. */
export function Admin() {
  return key.value ? <Panel /> : <Door />;
}

function Door() {
  const [given, give] = useState('');
  const wrong = refusal.value;
  return (
    <main class="ops ops-door">
      <h1>Operations</h1>
      <form onSubmit={(event) => { event.preventDefault(); if (given.trim()) keep(given.trim()); }}>
        <label>
          Admin key
          <input
            type="password" autocomplete="off" value={given} aria-describedby="key-hint" aria-invalid={wrong ? 'true' : 'false'}
            ref={(box) => { if (box && document.activeElement === document.body) box.focus(); }} onInput={(event) => give(event.currentTarget.value)}
          />
        </label>
        {wrong && <p class="ops-wrong" role="alert">{wrong}</p>}
        <p class="ops-hint" id="key-hint">STATIONTHIS_ADMIN_KEY, or the file <code>secrets/admin.key</code> of the data folder. It stays in this tab.</p>
        <button type="submit" class="button button-main" disabled={!given.trim()}>Open</button>
      </form>
    </main>
  );
}

function Panel() {
  const { house, fault, said, act } = useHouse();
  return (
    <main class="ops">
      <header><h1>Operations</h1><button type="button" class="button button-small" onClick={() => keep('')}>Close</button></header>
      {fault && <FaultNote fault={fault} />}
      <p class="ops-said" role="status">{said}</p>
      {house ? <Rooms house={house} act={act} /> : !fault && <p class="ops-hint">Looking …</p>}
    </main>
  );
}
