import torch
import torch.nn as nn


class ResidualBlock(nn.Module):
    def __init__(self, res_channels, skip_channels, dilation):
        super().__init__()
        self.filter_conv = nn.Conv1d(res_channels, res_channels, 2, dilation=dilation)
        self.gate_conv = nn.Conv1d(res_channels, res_channels, 2, dilation=dilation)
        self.conv_res = nn.Conv1d(res_channels, res_channels, 1)
        self.conv_skip = nn.Conv1d(res_channels, skip_channels, 1)

    def forward(self, x, skip_size):
        gated = torch.tanh(self.filter_conv(x)) * torch.sigmoid(self.gate_conv(x))
        output = self.conv_res(gated)
        input_cut = x[:, :, -output.size(2) :]
        output += input_cut
        skip = self.conv_skip(gated)
        skip = skip[:, :, -skip_size:]
        return output, skip


class WaveNet(nn.Module):
    def __init__(self, layer_size=4, stack_size=2, in_channels=16, res_channels=24):
        super().__init__()
        self.receptive_fields = self.calc_receptive_fields(layer_size, stack_size)
        self.causal = nn.Conv1d(in_channels, res_channels, 2, padding=1, bias=False)
        dilations = [2**i for _ in range(stack_size) for i in range(layer_size)]
        self.blocks = nn.ModuleList(ResidualBlock(res_channels, in_channels, d) for d in dilations)
        self.dense = nn.Sequential(
            nn.ReLU(),
            nn.Conv1d(in_channels, in_channels, 1),
            nn.ReLU(),
            nn.Conv1d(in_channels, in_channels, 1),
            nn.Softmax(dim=1),
        )

    @staticmethod
    def calc_receptive_fields(layer_size, stack_size):
        layers = [2**i for i in range(0, layer_size)] * stack_size
        num_receptive_fields = sum(layers)
        return int(num_receptive_fields)

    def calc_output_size(self, x):
        output_size = int(x.size(2)) - self.receptive_fields
        if output_size < 1:
            raise ValueError(f"Input has to be larger than {self.receptive_fields}")
        return output_size

    def forward(self, x):
        output_size = self.calc_output_size(x)
        output = self.causal(x)[:, :, :-1]
        skips = []
        for block in self.blocks:
            output, skip = block(output, output_size)
            skips.append(skip)
        output = torch.sum(torch.stack(skips), dim=0)
        return self.dense(output)
