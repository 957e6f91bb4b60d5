/** One case on the desk: the planes of its image, and what is to be said of it. */
import { useEffect, useReducer, useState } from 'preact/hooks';
import { Notice } from '../../parts/notice';
import { type Linked, PlaceSliders, useSlices } from '../../parts/planes';
import { type Views, WHOLE, type Window } from '../../parts/view';
import type { Picture } from '../../place/place';
import { DrawingPlane, type DrawingProps } from './drawing-plane';

export interface PaneProps extends DrawingProps {
  readonly views: Views;
}

export function Pane(props: PaneProps) {
  const { work } = props;
  const [, tick] = useReducer((count: number) => count + 1, 0);
  useEffect(() => work.watch(() => tick(0)), [work]);
  const { picture, labels, problem } = work;
  if (problem && !labels) return <Notice kind="error">{problem}</Notice>;
  if (!picture || !labels) return <div class="viewer" aria-busy="true" />;
  return (
    <div>
      <CasePlanes key={work.path} {...props} picture={picture} labels={labels} />
      {problem && <Notice kind="error">{problem}</Notice>}
    </div>
  );
}

type CaseProps = PaneProps & { readonly picture: Picture; readonly labels: Uint8Array<ArrayBuffer> };

function CasePlanes({ picture, views, ...props }: CaseProps) {
  const { work, desk } = props;
  const [window, setWindow] = useState<Window>(WHOLE);
  const linked: Linked = { ...picture, place: work.place, onPlace: (place) => work.moveTo(place) };
  const slices = useSlices(linked);
  const shown = slices.filter(({ name }) => desk.planes === 'three' || name === desk.planes || name === '');
  return (
    <div class="room-tight">
      <PlaceSliders linked={linked} />
      <div class={shown.length > 1 ? 'planes' : 'planes one'}>
        {shown.map((slice, index) => (
          <DrawingPlane
            key={slice.name}
            {...props}
            picture={picture}
            linked={linked}
            slice={slice}
            view={views.of(slice.name)}
            window={window}
            onWindow={setWindow}
            first={index === 0}
          />
        ))}
      </div>
    </div>
  );
}
