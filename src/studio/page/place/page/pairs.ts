/** What a pretrained network of the page says of images. */
import { pageHost } from '../../../../browser/host';
import { openImages } from '../../../../browser/images';
import { readInput } from '../../../../browser/read-input';
import type { CaseInput } from '../../../../data/input';
import type { Network } from '../../../../use/network';
import { featureColours } from '../../../answers/colours';
import { imageFeatures } from '../../../answers/features';
import { registered } from '../../../answers/registration';
import { validationSample } from '../../../answers/sample';
import type { PlaceCalls } from '../place';
import { contentOf } from './images';
import type { Networks } from './networks';

/** An image of the page as a network takes it. @param path below `data/` */
export async function imageFor({ model }: Network, path: string): Promise<CaseInput> {
  return readInput(await contentOf(path), path, model.config);
}

export function pairCalls(networks: Networks): Pick<PlaceCalls, 'features' | 'colours' | 'registration' | 'sample'> {
  return {
    features: (run, image) =>
      networks.ask(run, async (network) => imageFeatures(network, await imageFor(network, image))),
    colours: (run, a, b) =>
      networks.ask(run, async (network) =>
        featureColours(network, [await imageFor(network, a), await imageFor(network, b)]),
      ),
    registration: (run, a, b) =>
      networks.ask(run, async (network) => registered(network, await imageFor(network, a), await imageFor(network, b))),
    sample: (run, index) =>
      networks.ask(run, async (network) => {
        const images = await openImages(pageHost().digest)(network.model.config);
        try {
          return await validationSample(network, images, index);
        } finally {
          images.close();
        }
      }),
  };
}
