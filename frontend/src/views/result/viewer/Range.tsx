import { Label, Slider, SliderOutput, SliderThumb, SliderTrack } from "react-aria-components";

interface Props {
  label: string;
  value: number;
  least: number;
  most: number;
  onChange: (value: number) => void;
  isDisabled?: boolean;
}

export function Range({ label, value, least, most, onChange, isDisabled = false }: Props) {
  return (
    <Slider className="slider" value={value} minValue={least} maxValue={most} onChange={onChange} isDisabled={isDisabled}>
      <Label>{label}</Label>
      <SliderTrack>
        <SliderThumb />
      </SliderTrack>
      <SliderOutput className="number" />
    </Slider>
  );
}
